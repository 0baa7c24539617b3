import assert from "node:assert/strict";
import { chdir } from "node:process";
import { test } from "node:test";
import { newRunFolder } from "#nin-cli/runs/run-path.js";
import { temporaryFolder } from "../cli/run-nin.js";

test("runs that nobody names and that begin within one second have folders of their own", async (t) => {
  const before = process.cwd();
  t.after(() => chdir(before));
  chdir(temporaryFolder(t));
  const now = new Date(2026, 10, 24, 10, 52, 12);
  const paths = await Promise.all(Array.from({ length: 4 }, () => newRunFolder("drawn", now)));
  const first = "runs/drawn-20261124-105212";
  assert.deepEqual(paths.toSorted(), [first, `${first}-2`, `${first}-3`, `${first}-4`]);
  assert.equal(await newRunFolder("drawn", now), `${first}-5`);
});

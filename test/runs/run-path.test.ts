import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chdir } from "node:process";
import { test } from "node:test";
import { checkUnused, newRunFolder } from "#nin-cli/runs/run-path.js";
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

test("a folder with nothing but what a process left that was killed before its run began is unused", async (t) => {
  const folder = temporaryFolder(t);
  await checkUnused(folder);
  for (const name of ["run.lock", "train.log", "config.json.0a1b2c3d-0000-4000-8000-000000000000.part"]) {
    writeFileSync(join(folder, name), "");
  }
  await checkUnused(folder);
  writeFileSync(join(folder, "config.json"), "");
  await assert.rejects(checkUnused(folder), {
    message: `--out: ${folder} is not empty, and a run overwrites nothing. Choose a new folder.`,
  });
});

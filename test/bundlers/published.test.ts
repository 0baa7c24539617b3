/** What tools that judge packages say of the tarball. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Apps, runTool } from "./apps.js";

let apps: Apps;

before(() => {
  apps = new Apps();
});

after(() => apps?.[Symbol.dispose]());

test("publint has no error, warning or suggestion", () => {
  const said = runTool(apps.library.app, "publint/src/cli.js", "run", apps.library.tarball, "--strict");
  assert.match(said, /All good!/);
});

test("Are The Types Wrong finds nothing but that CommonJS must use import()", () => {
  runTool(
    apps.library.app,
    "@arethetypeswrong/cli/dist/index.js",
    ...[apps.library.tarball, "--ignore-rules", "cjs-resolves-to-esm"],
  );
});

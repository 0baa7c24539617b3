import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../cli/run-nin.js";

/** Runs the build in a checkout where only runtime dependencies are installed. */
function buildWithoutCompiler(root: string, lifecycle?: string) {
  mkdirSync(join(root, "scripts"));
  mkdirSync(join(root, "node_modules"));
  cpSync("scripts/build.mjs", join(root, "scripts/build.mjs"));
  const env = { ...process.env, npm_lifecycle_event: lifecycle };
  return spawnSync(process.execPath, ["scripts/build.mjs"], { cwd: root, env, encoding: "utf8" });
}

test("npm ci --omit=dev: prepare builds nothing, says so in one sentence and succeeds", (t) => {
  const { status, stdout, stderr } = buildWithoutCompiler(temporaryFolder(t), "prepare");
  assert.equal(stderr, "");
  assert.equal(
    stdout,
    "Nothing is built without typescript and assemblyscript, which are development dependencies: " +
      "run npm ci --include=dev.\n",
  );
  assert.equal(status, 0);
});

test("a build that a person asks for fails without the compiler", (t) => {
  const { status, stderr } = buildWithoutCompiler(temporaryFolder(t), "build");
  assert.match(stderr, /^Nothing is built without typescript and assemblyscript/);
  assert.equal(status, 1);
});

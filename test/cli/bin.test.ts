import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { root } from "../project/sources.js";
import { runNin, temporaryFolder } from "./run-nin.js";

test("bin/nin.js says how to build what is not built yet", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "bin"));
  copyFileSync("packages/nin-cli/bin/nin.js", join(folder, "bin", "nin.mjs"));
  const { status, stderr } = spawnSync(process.execPath, [join(folder, "bin", "nin.mjs")], {
    encoding: "utf8",
  });
  assert.equal(
    stderr,
    "error: nin is not built yet. In its folder, run: npm ci (installs and builds), or npm run build (builds alone).\n",
  );
  assert.equal(status, 1);
});

test("bin/nin.js says which Node it needs", async () => {
  const pretend = 'Object.defineProperty(process.versions, "node", { value: "18.20.4" });';
  const { status, stderr } = await runNin(["summary"], {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(pretend)}` },
  });
  assert.equal(
    stderr,
    "error: nin needs Node.js 20.19, 22.12, 24 or later, and this is 18.20.4. Get a newer one from https://nodejs.org.\n",
  );
  assert.equal(status, 1);
});

test("examples call npx nin within the checkout, and the file where npx would look for a package of that name", (t) => {
  const bin = join(root, "bin", "nin.js");
  const helpIn = (cwd: string): string =>
    spawnSync(process.execPath, [bin, "devices", "--help"], { cwd, encoding: "utf8" }).stdout;
  assert.match(helpIn(join(root, "docs")), /\nExample:\n {2}npx nin devices\n$/);
  const elsewhere = realpathSync(temporaryFolder(t));
  assert.ok(helpIn(elsewhere).endsWith(`\n  node ${relative(elsewhere, bin)} devices\n`));
});

test("a reader that closes early is no failure", async () => {
  const { status, stderr } = spawnSync(
    "sh",
    ["-c", `"$0" bin/nin.js summary --table | true`, process.execPath],
    {
      encoding: "utf8",
    },
  );
  assert.equal(stderr, "");
  assert.equal(status, 0);
});

test("--verbose says where an error happened", async () => {
  const { status, stderr } = await runNin(["evaluate", "runs/none", "--verbose"]);
  assert.match(
    stderr,
    /^error: runs\/none: no such folder.*\n.*DataError: .*\n( +at .*\n)* +at runEvaluate /,
  );
  assert.equal(status, 1);
});

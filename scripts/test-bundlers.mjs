// Tests the packed library with bundlers, compilers and package checkers, which it installs first into
// test/bundlers/node_modules; needs a finished build.
//
//   node scripts/test-bundlers.mjs [--all] [part of a file name ...]
//
// Without --all one of each kind; with it every version, Next.js, Deno and Bun, 1 GB more.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installTools } from "./install-tools.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals: wanted } = parseArgs({
  options: { all: { type: "boolean", default: false } },
  allowPositionals: true,
});

installTools(join(root, "test", "bundlers"), values.all);
const files = wanted.length > 0 ? wanted.map((part) => `bundlers/${part}`) : ["bundlers/"];
const { status } = spawnSync(process.execPath, [join(root, "scripts", "test.mjs"), ...files], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, NIN_ALL_BUNDLERS: values.all ? "1" : "0" },
});
process.exitCode = status ?? 1;

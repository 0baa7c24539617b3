// Tests the packed library with bundlers, compilers and package checkers, which it installs first into
// test/bundlers/node_modules; needs a finished build.
//
//   node scripts/test-bundlers.mjs [--all] [part of a file name ...]
//
// Without --all one of each kind; with it every version, Next.js, Deno and Bun, 1 GB more.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals: wanted } = parseArgs({
  options: { all: { type: "boolean", default: false } },
  allowPositionals: true,
});

install(values.all);
const files = wanted.length > 0 ? wanted.map((part) => `bundlers/${part}`) : ["bundlers/"];
const { status } = spawnSync(process.execPath, [join(root, "scripts", "test.mjs"), ...files], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, NIN_ALL_BUNDLERS: values.all ? "1" : "0" },
});
process.exitCode = status ?? 1;

/** Only what changed: npm ci would begin with an empty folder. */
function install(all) {
  const folder = join(root, "test", "bundlers");
  const record = join(folder, "node_modules", ".installed");
  const installed = existsSync(record) ? readFileSync(record, "utf8") : "";
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  if (installed === `all\n${lock}` || (!all && installed === `first\n${lock}`)) return;
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", ...(all ? [] : ["--omit=dev"])];
  npm(["ci", ...options], folder);
  writeFileSync(record, `${all ? "all" : "first"}\n${lock}`);
}

function npm(args, cwd) {
  const cli = process.env.npm_execpath;
  if (cli) return execFileSync(process.execPath, [cli, ...args], { cwd, stdio: "inherit" });
  return execFileSync("npm", args, { cwd, stdio: "inherit", shell: process.platform === "win32" });
}

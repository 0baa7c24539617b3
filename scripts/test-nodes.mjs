// Runs the built tests under every Node that the package supports: the machine's own, then each of the other
// release lines, fetched by way of the npm package `node` into the user's cache folder.
//
//   node scripts/test-nodes.mjs [--shared] [part of a file name ...]
//
// *.slow.test.ts runs on the pinned Node only (npm test). --shared runs each file on one of the Nodes, but for those
// that deal with Node itself, which run on all. Closes with the totals over all versions.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const lines = [20, 22, 24];
const oldest = [20, 19, 0];
const root = fileURLToPath(new URL("..", import.meta.url));
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "nin-net", "nodes");

const nodes = [];
const own = machineNode();
if (own !== null) {
  const version = versionOf(own);
  if (isSupported(version)) nodes.push({ version, path: own, from: "this machine's" });
  else console.log(`This machine's own Node ${version} is older than ${oldest.join(".")}: left out.`);
}
for (const line of lines) {
  if (nodes.some(({ version }) => version.startsWith(`${line}.`))) continue;
  const path = fetchNode(line);
  nodes.push({ version: versionOf(path), path, from: "fetched" });
}

const isShared = process.argv.includes("--shared");
const wanted = process.argv.slice(2).filter((argument) => argument !== "--shared");
const sums = { passed: 0, failed: 0, skipped: 0 };
const results = [];
for (const [i, { version, path, from }] of nodes.entries()) {
  console.log(`\n— Node ${version} (${from}) —`);
  // Programs that a test starts find this Node first as well.
  const env = { ...process.env, PATH: `${dirname(path)}${delimiter}${process.env.PATH}` };
  const { status, stdout, error } = spawnSync(
    path,
    [
      join("scripts", "test.mjs"),
      "--without-slow",
      ...(isShared ? ["--share", `${i + 1}/${nodes.length}`] : []),
      ...wanted,
    ],
    { cwd: root, env, stdio: ["ignore", "pipe", "inherit"], encoding: "utf8", maxBuffer: 1 << 28 },
  );
  if (error) throw error;
  const totals = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(stdout.trimEnd().split("\n").at(-1));
  const [passed, failed, skipped] = totals?.slice(1).map((count) => Number(count ?? 0)) ?? [0, 0, 0];
  // In full if something failed; else only what was skipped, which says why.
  console.log(
    status !== 0
      ? stdout
      : stdout
          .split("\n")
          .filter((text) => /^\s*﹣/.test(text))
          .join("\n"),
  );
  sums.passed += passed;
  sums.failed += status !== 0 && failed === 0 ? 1 : failed;
  sums.skipped += skipped;
  results.push(`Node ${version}: ${totals?.[0] ?? `ended with status ${status} before its totals`}`);
  console.log(results.at(-1));
}

console.log(`\n${results.join("\n")}\n`);
console.log(
  `${sums.passed} passed, ${sums.failed} failed${sums.skipped > 0 ? `, ${sums.skipped} skipped` : ""}`,
);
process.exitCode = sums.failed > 0 || sums.passed === 0 ? 1 : 0;

/** The Node that runs npm; within npm's scripts plain `node` is the pinned one. */
function machineNode() {
  const path = process.env.npm_node_execpath;
  if (path && existsSync(path)) return path;
  const name = process.platform === "win32" ? "node.exe" : "node";
  const folders = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  return folders.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate)) ?? null;
}

function versionOf(node) {
  return execFileSync(node, ["--version"], { encoding: "utf8" }).trim().replace(/^v/, "");
}

function isSupported(version) {
  const parts = version.split(".").map(Number);
  const difference = parts.map((part, i) => part - oldest[i]).find((value) => value !== 0) ?? 0;
  return difference >= 0;
}

/** The newest release of a line; made under a temporary name, so that the cache never holds half of one. */
function fetchNode(line) {
  const newest = JSON.parse(npm(["view", `node@${line}`, "version", "--json"], root));
  const version = [newest].flat().sort(byVersion).at(-1);
  const folder = join(cache, version);
  if (!existsSync(folder)) {
    console.log(`Fetching Node ${version} into ${folder}`);
    mkdirSync(cache, { recursive: true });
    const half = mkdtempSync(join(cache, "part-"));
    const manifest = { private: true, dependencies: { node: version }, allowScripts: { node: true } };
    writeFileSync(join(half, "package.json"), JSON.stringify(manifest));
    npm(["install", "--no-audit", "--no-fund", "--no-package-lock"], half);
    if (existsSync(folder)) rmSync(half, { recursive: true });
    else renameSync(half, folder);
  }
  const binaries = join(folder, "node_modules", "node", "bin");
  const name = readdirSync(binaries).find((file) => file === "node" || file === "node.exe");
  if (name === undefined) throw new Error(`${binaries} holds no Node. Remove ${folder} and try again.`);
  return join(binaries, name);
}

function byVersion(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}

function npm(args, cwd) {
  const options = { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] };
  const cli = process.env.npm_execpath;
  if (cli) return execFileSync(process.env.npm_node_execpath ?? process.execPath, [cli, ...args], options);
  return execFileSync("npm", args, { ...options, shell: process.platform === "win32" });
}

// Builds the packages' dist/ and, with --tests, build/test/ (the tests): TypeScript, then the WebAssembly kernels.
// Only what changed is built again; what has lost its source is removed.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const withTests = process.argv.includes("--tests");

const missing = ["typescript", "assemblyscript"].filter(
  (name) => !existsSync(join(root, "node_modules", name)),
);
if (missing.length > 0) refuse(missing);

const packages = ["packages/nin-net", "packages/nin-cli"];
for (const path of packages) {
  buildTypeScript({ project: path, sources: `${path}/src`, outputs: `${path}/dist` });
}
if (withTests) buildTypeScript({ project: "test", sources: "test", outputs: "build/test" });
// Last, since tsc may write those of the packages again for the tests.
for (const path of packages) writeDeclarationsForEveryTool(`${path}/dist`);
buildKernels();

/** npm runs `prepare` after installs without development dependencies too: there it is no failure. */
function refuse(missing) {
  const isPrepare = process.env.npm_lifecycle_event === "prepare";
  const say = isPrepare ? console.log : console.error;
  say(
    `Nothing is built without ${missing.join(" and ")}, which are development dependencies: run npm ci --include=dev.`,
  );
  process.exit(isPrepare ? 0 : 1);
}

function buildTypeScript({ project, sources, outputs }) {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  removeStale(sources, outputs);
  run(tsc, "--build", project);
  // tsc goes by its own records and does not notice an output that somebody has deleted.
  if (isIncomplete(sources, outputs)) run(tsc, "--build", "--force", project);
}

/** Removes what tsc once made from a source that is no longer there. Kernels (.wasm) are not tsc's. */
function removeStale(sources, outputs) {
  for (const file of filesIn(outputs)) {
    const source = file.replace(/\.(js|js\.map|d\.ts|d\.ts\.map)$/, ".ts");
    if (source !== file && !existsSync(join(root, sources, source))) rmSync(join(root, outputs, file));
  }
}

function isIncomplete(sources, outputs) {
  return filesIn(sources).some((file) => {
    if (!file.endsWith(".ts") || file.endsWith(".d.ts")) return false;
    return [".js", ".js.map", ".d.ts"].some(
      (ending) => !existsSync(join(root, outputs, file.replace(/\.ts$/, ending))),
    );
  });
}

/**
 * tsc writes `.ts` for relative imports in declarations, which it understands itself but other tools do not, and
 * `Uint8Array<ArrayBuffer>`, which TypeScript before 5.7 does not: there, what is written in its place is `Uint8Array`.
 */
function writeDeclarationsForEveryTool(folder) {
  for (const file of filesIn(folder).filter((name) => name.endsWith(".d.ts"))) {
    const path = join(root, folder, file);
    const before = readFileSync(path, "utf8");
    const after = before
      .replace(/((?:from|import)\s*\(?\s*"\.{1,2}\/[^"]*)\.ts"/g, '$1.js"')
      .replace(/\b(\w+Array)<ArrayBuffer>/g, 'ReturnType<$1Constructor["of"]>');
    if (after !== before) writeFileSync(path, after);
  }
}

/** Compiling every variant of the kernels takes a while: only when a source is newer or a kernel is missing. */
function buildKernels() {
  const record = join(root, "build", "kernels.json");
  const dist = "packages/nin-net/dist";
  const sources = [
    "packages/nin-net/assembly",
    "packages/nin-net/src/ops/winograd/matrices.ts",
    "packages/nin-net/src/ops/pointwise/scalar-ops.ts",
    "packages/nin-net/src/backends/wasm/operations.ts",
    "packages/nin-net/src/backends/wasm/kernel-constants.ts",
    "scripts/build-kernels.mjs",
    "package-lock.json",
  ];
  const newest = Math.max(...sources.flatMap((source) => timesOf(join(root, source))));
  if (existsSync(record) && statSync(record).mtimeMs > newest) {
    const kernels = JSON.parse(readFileSync(record, "utf8"));
    if (kernels.length > 0 && kernels.every((kernel) => existsSync(join(root, dist, kernel)))) return;
  }
  const started = new Date();
  run(join(root, "scripts", "build-kernels.mjs"));
  const kernels = filesIn(dist).filter((file) => file.endsWith(".wasm"));
  const isStale = (kernel) => statSync(join(root, dist, kernel)).mtimeMs < started.getTime() - 2000;
  for (const stale of kernels.filter(isStale)) rmSync(join(root, dist, stale));
  writeFileSync(record, JSON.stringify(kernels.filter((kernel) => existsSync(join(root, dist, kernel)))));
  // What is edited while the kernels compile is newer than the record.
  utimesSync(record, started, started);
}

/** When a file, or every file of a folder, last changed, and when the folder lost or gained one. */
function timesOf(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return [stat.mtimeMs];
  return [stat.mtimeMs, ...readdirSync(path).flatMap((name) => timesOf(join(path, name)))];
}

/** Without those of packages that are installed there. */
function filesIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, folder).length + 1))
    .filter((file) => !/(?:^|[\\/])node_modules[\\/]/.test(file));
}

function run(script, ...args) {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

// node scripts/count-dependencies.mjs: what an install brings. Packs nin-net and nin-cli, installs each into an empty
// folder as a user would, and prints packages, megabytes and native addons; with --each, also those of every package.
// At the end the checkout's own node_modules. Needs a build and npm's registry or cache.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const each = process.argv.includes("--each");
const scratch = mkdtempSync(join(tmpdir(), "nin-count-"));

try {
  const library = pack("nin-net");
  const command = pack("nin-cli");
  report("npm i nin-net", "nin-net", install("library", library));
  report("npm i nin-cli", "nin-cli", install("command", library, command));
  report("npm ci of the checkout", undefined, root);
} finally {
  rmSync(scratch, { recursive: true });
}

function npm(cwd, ...args) {
  return execFileSync("npm", args, { cwd, encoding: "utf8", shell: process.platform === "win32" });
}

/** @returns the tarball */
function pack(name) {
  // Without scripts: `prepare` would build again.
  const options = ["--json", "--ignore-scripts", "--pack-destination", scratch];
  const [{ filename }] = JSON.parse(npm(join(root, "packages", name), "pack", ...options));
  return join(scratch, filename);
}

/** @returns the folder that the tarballs are installed in */
function install(name, ...tarballs) {
  const folder = join(scratch, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), "{}");
  npm(folder, "install", "--no-audit", "--no-fund", ...tarballs);
  return folder;
}

/** @param own - the package that is not counted among those it brings */
function report(title, own, folder) {
  // npm's record of what lies there, without what it left out as for another platform.
  const record = JSON.parse(readFileSync(join(folder, "node_modules", ".package-lock.json"), "utf8"));
  const packages = Object.entries(record.packages)
    .filter(([path, { link }]) => path.startsWith("node_modules/") && !link)
    .map(([path, { version }]) => ({
      name: path.replace(/^node_modules\//, ""),
      version,
      path: join(folder, path),
    }))
    .map((one) => ({ ...one, ...contents(one.path) }));
  const brought = packages.filter(({ name }) => name !== own);
  const megabytes = bytesBelow(join(folder, "node_modules")) / 1e6;
  const addons = packages.flatMap(({ name, addons }) => addons.map((file) => `${name}/${file}`));
  console.log(`${title}: ${brought.length} packages, ${megabytes.toFixed(1)} MB`);
  console.log(`  native addons: ${addons.length === 0 ? "none" : addons.join(", ")}`);
  if (!each) return;
  for (const { name, version, bytes } of packages.toSorted((a, b) => b.bytes - a.bytes)) {
    console.log(`  ${(bytes / 1e6).toFixed(2).padStart(8)} MB  ${name} ${version}`);
  }
}

/** Of all files, those with several names once: npm's `node` links its program to a second place. */
function bytesBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const sizes = entries.map((entry) => statSync(join(entry.parentPath, entry.name)));
  return [...new Map(sizes.map(({ ino, size }) => [ino, size])).values()].reduce(
    (sum, size) => sum + size,
    0,
  );
}

/** Of a package's folder, without the packages that lie in it. */
function contents(folder) {
  const files = filesIn(folder);
  return {
    bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
    addons: files.filter((file) => file.endsWith(".node")).map((file) => basename(file)),
  };
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesIn(join(folder, entry.name));
    return entry.isFile() ? [join(folder, entry.name)] : [];
  });
}

// Runs the built tests with Node's test runner, two files at a time, and closes with a line of totals.
//
//   node scripts/test.mjs [--without-slow] [--share 2/3] [part of a file name ...]
//
// --without-slow leaves out *.slow.test.ts: what takes long and does not depend on the version of Node.
// --share 2/3 takes the second of three files each, and all of those that deal with Node itself.
// test/bundlers/ runs only where it is asked for, since it needs an install of its own: npm run test:bundlers.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals: wanted } = parseArgs({
  options: { "without-slow": { type: "boolean" }, share: { type: "string", default: "1/1" } },
  allowPositionals: true,
});
const [share, shares] = values.share.split("/").map(Number);
/** Folders, and beginnings of names, of what deals with files, processes, networks and memory as Node gives them. */
const nodesOwn = ["backends/address-space", "core/", "data/", "interop/", "runs/", "serve/", "terminal/"];

const files = readdirSync(join(root, "build", "test"), { recursive: true })
  .map((file) => join("build", "test", file).replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".test.js") && !(values["without-slow"] && file.endsWith(".slow.test.js")))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .filter(
    (file) => !file.startsWith("build/test/bundlers/") || wanted.some((part) => part.startsWith("bundlers/")),
  )
  .sort()
  .filter(
    (file, i) => i % shares === share - 1 || nodesOwn.some((part) => file.startsWith(`build/test/${part}`)),
  );
if (files.length === 0) {
  console.error(`No built test's file name contains ${wanted.map((part) => `"${part}"`).join(" or ")}.`);
  process.exit(1);
}

const scratch = mkdtempSync(join(tmpdir(), "nin-test-"));
const totals = join(scratch, "totals.txt");
const { status } = spawnSync(
  process.execPath,
  [
    ...["--enable-source-maps", "--test", "--test-concurrency=2"],
    ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
    ...[`--test-reporter=${new URL("totals-reporter.mjs", import.meta.url)}`],
    ...[`--test-reporter-destination=${totals}`],
    ...files,
  ],
  { cwd: root, stdio: "inherit" },
);
process.stdout.write(readFileSync(totals, "utf8"));
rmSync(scratch, { recursive: true });
process.exitCode = status ?? 1;

// Builds dist/ (the package) and, with --tests, build/test/ (the tests): TypeScript, then the WebAssembly kernels.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const withTests = process.argv.includes("--tests");

function run(script, ...args) {
  execFileSync(process.execPath, [`${root}node_modules/${script}`, ...args], { cwd: root, stdio: "inherit" });
}

run("typescript/bin/tsc", "--build", withTests ? "test" : ".");
if (existsSync(`${root}scripts/build-kernels.mjs`)) {
  execFileSync(process.execPath, [`${root}scripts/build-kernels.mjs`], { cwd: root, stdio: "inherit" });
}

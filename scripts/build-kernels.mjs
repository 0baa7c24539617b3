// Compiles packages/nin-net/assembly/ into packages/nin-net/dist/backends/wasm/kernels-*.wasm: with relaxed and with plain SIMD, each for shared
// memory (threads) and for memory of its own.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const node = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: "inherit" });

node("packages/nin-net/assembly/constants.mjs");
node("packages/nin-net/assembly/micro-kernels.mjs");
node("packages/nin-net/assembly/winograd-transforms.mjs");
node("packages/nin-net/assembly/expressions.mjs");
mkdirSync(`${root}packages/nin-net/dist/backends/wasm`, { recursive: true });
for (const [simd, simdFlags] of [
  ["relaxed", ["--enable", "simd", "--enable", "relaxed-simd"]],
  ["plain", ["--enable", "simd"]],
]) {
  for (const [memory, memoryFlags] of [
    ["shared", ["--enable", "threads", "--sharedMemory", "--maximumMemory", "65536"]],
    ["single", []],
  ]) {
    node(
      "node_modules/assemblyscript/bin/asc.js",
      "packages/nin-net/assembly/index.ts",
      "--outFile",
      `packages/nin-net/dist/backends/wasm/kernels-${simd}-${memory}.wasm`,
      "-O3",
      "--noAssert",
      "--runtime",
      "stub",
      "--importMemory",
      "--initialMemory",
      "16",
      ...simdFlags,
      ...memoryFlags,
    );
  }
}

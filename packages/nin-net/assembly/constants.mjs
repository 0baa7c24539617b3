/** Writes the numbers that the kernels share with the instructions that call them. */
import { mkdirSync, writeFileSync } from "node:fs";

const constants = await import("../dist/backends/wasm/kernel-constants.js");

const lines = Object.entries(constants).map(([name, value]) => {
  const type = name.endsWith("Bytes") ? "usize" : "i32";
  return `export const ${name}: ${type} = ${value};`;
});
const folder = new URL("../../../build/assembly/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL("constants.ts", folder),
  `// Written by packages/nin-net/assembly/constants.mjs.\n${lines.join("\n")}\n`,
);

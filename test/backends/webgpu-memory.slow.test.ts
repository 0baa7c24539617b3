/** What a driver says that really has no memory left: SwiftShader, in a process whose memory is limited. */
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { gpuEnvironment, noGpu } from "./software-gpu.js";

const skip = (await noGpu()) || cannotLimit();
const run = promisify(execFile);
const mebibyte = 2 ** 20;
/** Of 4 MiB each: 416 MiB, and half of that leaves what else a process allocates enough. */
const images = 104;
const mostBytes = 375 * mebibyte;

function cannotLimit(): string | false {
  if (!process.env.VK_ICD_FILENAMES?.includes("swiftshader"))
    return "a GPU's memory is not the process's own";
  try {
    execFileSync("prlimit", ["--version"]);
    return false;
  } catch {
    return "there is no prlimit to limit a process's memory with";
  }
}

async function outcome(...args: readonly number[]): Promise<Readonly<Record<string, unknown>>> {
  const script = new URL("short-of-memory.js", import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [script, ...args.map(String)], {
    env: { ...process.env, ...gpuEnvironment() },
  });
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

test("a batch for which the driver has no memory runs in smaller slices", { skip }, async () => {
  assert.deepEqual(await outcome(images, mostBytes), { sum: images * 1024 * 1024 });
});

test("slices of a chosen size for which it has none are refused, with the size that fits", {
  skip,
}, async () => {
  const { name, message } = await outcome(images, mostBytes, images);
  assert.equal(name, "GpuMemoryError");
  assert.match(
    String(message),
    /^The GPU has too little memory for 104 images at once, 417 MiB of tensors: .*VK_ERROR_OUT_OF_DEVICE_MEMORY.*\. There is room for about 52: compile with a sliceSize of 52, or without one\.$/,
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openWasm, type WasmDevice } from "#src/backends/wasm/device.js";
import { DataIterator } from "#src/data/data-iterator.js";
import { drawSplit } from "#src/data/drawn.js";
import { trainingLoop } from "#src/train/loop.js";
import { smallProgram } from "./small-program.js";
import { descriptorCount, isLinux, linuxOnly, settled, steady, threadCount } from "./system.js";
import { tinyNet } from "./tiny-net.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What may grow in a long life. */
interface Use {
  /** All but JavaScript's heap, which the engine makes as large as it likes. */
  readonly residentBytes: number;
  /** Of JavaScript, after what is no longer used has been collected. */
  readonly heapBytes: number;
  readonly bufferBytes: number;
  /** WebAssembly's. */
  readonly linearBytes: number;
  readonly allocatedBytes: number;
  readonly descriptors: number;
  readonly threads: number;
}

function useOf(device: WasmDevice): Use {
  collectGarbage();
  collectGarbage();
  const { rss, heapTotal, heapUsed, arrayBuffers } = process.memoryUsage();
  return {
    residentBytes: rss - heapTotal,
    heapBytes: heapUsed,
    bufferBytes: arrayBuffers,
    linearBytes: device.memory.memory.buffer.byteLength,
    allocatedBytes: device.memory.usedBytes,
    descriptors: isLinux ? descriptorCount() : 0,
    threads: isLinux ? threadCount() : 0,
  };
}

/** No measure above what it was by more than a share. */
function assertFlat(before: Use, after: Use, share: number): void {
  for (const key of Object.keys(before) as (keyof Use)[]) {
    const limit = before[key] * (1 + share);
    assert.ok(after[key] <= limit, `${key}: ${before[key]} before, ${after[key]} after`);
  }
}

test("2,000 steps: after warm-up memory stays within 2 %, descriptors and threads as they are", async () => {
  using device = await openWasm({ threads: 2 });
  const trainIter = new DataIterator(drawSplit(1, 0, 400), { batchSize: 8, shuffle: true, seed: 1 });
  const testIter = new DataIterator(drawSplit(1, 1, 20), { batchSize: 8 });
  const settings = { epochs: 60, lr: 0.01, momentum: 0.9, seed: 1 };
  const warmUp = 1000;
  let steps = 0;
  let warm: Use | undefined;
  for await (const event of trainingLoop(tinyNet(), trainIter, testIter, settings, { device })) {
    if (event.kind === "step") steps++;
    if (event.kind === "epoch" && steps === warmUp) warm = useOf(device);
  }
  assert.equal(steps, 3000);
  assertFlat(warm!, useOf(device), 0.02);
});

test("200 programs, opened, run and disposed of: all is given back", async () => {
  using device = await openWasm({ threads: 2 });
  let warm: Use | undefined;
  // The engine's heap takes some hundred programs to find its size.
  const warmUp = 600;
  for (let i = 0; i < warmUp + 200; i++) {
    using small = await smallProgram(device, 1 + (i % 3));
    await small.program.run(small.batch(1 + (i % 5)));
    if (i === warmUp - 1) warm = useOf(device);
  }
  // What was disposed of is released in its turn.
  await device.exclusive(async () => undefined);
  assert.equal(device.memory.usedBytes, 0);
  assertFlat(warm!, useOf(device), 0.02);
});

test("10 devices, opened and disposed of: no thread and no descriptor is left", {
  skip: linuxOnly,
}, async () => {
  const once = async () => {
    using device = await openWasm({ threads: 3 });
    using small = await smallProgram(device);
    await small.program.run(small.batch(3));
  };
  await once();
  const threads = await steady(threadCount);
  const descriptors = await steady(descriptorCount);
  for (let i = 0; i < 10; i++) await once();
  assert.ok((await settled(threadCount, threads)) <= threads, "threads are left");
  assert.ok((await settled(descriptorCount, descriptors)) <= descriptors, "descriptors are left");
});

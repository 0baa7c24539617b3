import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openWasm, type WasmDevice } from "#nin-net/backends/wasm/device.js";
import { DataIterator } from "#nin-net/data/data-iterator.js";
import { syntheticSplit } from "#nin-net/data/datasets/synthetic.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { trainingLoop } from "#nin-net/train/loop.js";
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

/** What grew by more than 2 %, in words. */
function grown(before: Use, after: Use): string[] {
  return (Object.keys(before) as (keyof Use)[])
    .filter((key) => after[key] > before[key] * 1.02)
    .map((key) => `${key}: ${before[key]} before, ${after[key]} after`);
}

/** Warm-up ends with the first of so many stretches in which nothing grew; what leaks grows in every one. */
const mostStretches = 8;

test("2,000 steps: after warm-up memory stays within 2 %, descriptors and threads as they are", async () => {
  using device = await openWasm({ threads: 2 });
  const trainIter = new DataIterator(syntheticSplit(1, 0, 400), { batchSize: 8, shuffle: true, seed: 1 });
  const testIter = new DataIterator(syntheticSplit(1, 1, 20), { batchSize: 8 });
  const settings = { epochs: 40 * mostStretches, lr: 0.01, optimizer: sgd({ momentum: 0.9 }), seed: 1 };
  let steps = 0;
  let before: Use | undefined;
  let growth: string[] = ["nothing was measured"];
  for await (const event of trainingLoop(tinyNet(), trainIter, testIter, settings, { device })) {
    if (event.kind === "step") steps++;
    if (event.kind !== "epoch" || steps % 2000 !== 0) continue;
    const after = useOf(device);
    if (before !== undefined) growth = grown(before, after);
    if (growth.length === 0) break;
    before = after;
  }
  assert.deepEqual(growth, []);
});

test("200 programs, opened, run and disposed of: all is given back", async () => {
  using device = await openWasm({ threads: 2 });
  let before: Use | undefined;
  let growth: string[] = ["nothing was measured"];
  for (let stretch = 0; stretch < mostStretches && growth.length > 0; stretch++) {
    for (let i = 0; i < 200; i++) {
      using small = await smallProgram(device, 1 + (i % 3));
      await small.program.run(small.batch(1 + (i % 5)));
    }
    // What was disposed of is released in its turn.
    await device.exclusive(async () => undefined);
    assert.equal(device.memory.usedBytes, 0);
    const after = useOf(device);
    if (before !== undefined) growth = grown(before, after);
    before = after;
  }
  assert.deepEqual(growth, []);
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

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Device } from "#nin-net/backends/backend.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { smallProgram } from "../faults/small-program.js";

/** Opens the CPU as a page without cross-origin isolation does. */
async function openInPage(): Promise<Device> {
  const own = Object.getOwnPropertyDescriptor(globalThis, "crossOriginIsolated");
  Object.defineProperty(globalThis, "crossOriginIsolated", { value: false, configurable: true });
  try {
    return await openWasm();
  } finally {
    if (own) Object.defineProperty(globalThis, "crossOriginIsolated", own);
    else Reflect.deleteProperty(globalThis, "crossOriginIsolated");
  }
}

const devices: Readonly<Record<string, { open(): Device | Promise<Device>; images: number }>> = {
  "one thread": { open: () => openWasm({ threads: 1 }), images: 10_000 },
  "a page without shared memory": { open: openInPage, images: 10_000 },
  reference: { open: openReference, images: 1_000 },
};

for (const [name, { open, images }] of Object.entries(devices)) {
  test(`${name}: timers and signals are heard while a step runs`, async () => {
    using device = await open();
    assert.equal(device.threads, 1);
    using small = await smallProgram(device);
    let isRunning = true;
    let heard = 0;
    const step = small.program.run(small.batch(images)).finally(() => {
      isRunning = false;
    });
    while (isRunning) {
      await sleep(1);
      if (isRunning) heard++;
    }
    await step;
    assert.ok(heard >= 3, `heard ${heard} timers`);
  });

  test(`${name}: steps that are started together run one after the other`, async () => {
    using device = await open();
    using together = await smallProgram(device);
    const batch = together.batch(images / 10);
    await Promise.all([together.program.run(batch), together.program.run(batch)]);
    using apart = await smallProgram(device);
    await apart.program.run(batch);
    await apart.program.run(batch);
    for (const key of apart.state.names) {
      assert.deepEqual(await together.state.read(key), await apart.state.read(key));
    }
  });
}

test("a page without shared memory: memory may grow while a step runs", async () => {
  using device = await openInPage();
  using undisturbed = await smallProgram(device);
  using small = await smallProgram(device);
  const batch = small.batch(10_000);
  const step = small.program.run(batch);
  await sleep(1);
  await device.createState({ large: { shape: [1 << 25], dtype: "f32", data: new Float32Array(1 << 25) } });
  await step;
  await undisturbed.program.run(batch);
  for (const key of small.state.names) {
    assert.deepEqual(await small.state.read(key), await undisturbed.state.read(key));
  }
});

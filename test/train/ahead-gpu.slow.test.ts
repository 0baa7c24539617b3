/** Steps ahead of their losses on a real WebGPU: the same run, and a GPU that is lost at any moment of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Device } from "#nin-net/backends/backend.js";
import { openWebGpu } from "#nin-net/backends/webgpu/device.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { Dropout } from "#nin-net/nn/layers/dropout.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { type LoopEvent, trainingLoop } from "#nin-net/train/loop.js";
import { noGpu } from "../backends/software-gpu.js";
import { ahead, type RunLog } from "./ahead-device.js";
import { patches } from "./patches.js";

const skip = await noGpu();
const settings = { epochs: 2, lr: 0.1, optimizer: sgd({ momentum: 0.9 }), seed: 5 };

interface Outcome {
  readonly events: object[];
  readonly weights: object;
}

/** @param onEvent - is told how many there were */
async function run(
  device: Device,
  { onEvent = () => {}, onSave = () => {} }: { onEvent?: (count: number) => void; onSave?: () => void },
): Promise<Outcome> {
  manualSeed(1);
  const net = new Sequential(new Flatten(), new Dropout(0.5), new Linear(64, 3));
  const events: LoopEvent[] = [];
  const options = { device, callbacks: [{ onCheckpoint: async () => onSave() }] };
  for await (const event of trainingLoop(net, patches(30, 8), patches(9, 4), settings, options)) {
    events.push(event);
    onEvent(events.length);
  }
  const timeless = events.map((event) => ({ ...event, imagesPerSecond: 0, seconds: 0 }));
  return { events: timeless, weights: net.stateDict() };
}

test("a GPU has steps on its queue, and gives the bits of one step at a time", { skip }, async () => {
  using device = await openWebGpu({ allowSoftware: true });
  assert.ok(device.runsAhead > 0);
  const log: RunLog = [];
  const sent = await run(ahead(device, device.runsAhead, log), {});
  assert.deepEqual(log.slice(0, 4), ["sent", "sent", "sent", "read"]);
  assert.deepEqual(sent, await run(ahead(device, 0), {}));
});

test("wherever in a run the GPU is lost, the run fails once, says so, and leaves nothing behind", {
  skip,
}, async () => {
  // Four steps and an epoch's end make five events; states are kept before the first and after the fifth.
  for (const [atEvent, atSave] of [[1], [3], [4], [5], [9], [0, 1], [0, 2]] as const) {
    using device = await openWebGpu({ allowSoftware: true });
    const log: RunLog = [];
    let saves = 0;
    const lose = (isNow: boolean): void => {
      if (isNow) device.gpu.destroy();
    };
    const running = run(ahead(device, device.runsAhead, log), {
      onEvent: (count) => lose(count === atEvent),
      onSave: () => lose(++saves === atSave),
    });
    await assert.rejects(running, {
      name: "DeviceLostError",
      message: /^The GPU was lost: .+\. Open the device again and continue from the last checkpoint\.$/,
    });
    assert.equal(log.filter((what) => what === "sent").length, log.length / 2, "a step is under way");
  }
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Device, ProfileRow } from "#nin-net/backends/backend.js";
import { openDevice } from "#nin-net/backends/devices.js";
import { NinNet } from "#nin-net/models/nin.js";
import { profile } from "#nin-net/train/profile.js";

let device: Device;
before(async () => {
  device = await openDevice("cpu", { threads: 2 });
});
after(() => device[Symbol.dispose]());

const images = {
  channels: 1,
  height: 28,
  width: 28,
  preprocessing: { resize: [224, 224], mean: null, std: null },
} as const;

/** What the tutorial's network becomes on 224 x 224 images; two images are a slice of any size. */
async function compiled(task: "train" | "forward", without: readonly string[] = []) {
  const options = { task, batchSize: 2, images, rounds: 1, warmUpSeconds: 0, without };
  return (await profile(new NinNet(), device, options)).rows;
}

/** How many instructions compute with each kernel: those that do the arithmetic of an op, not what prepares for it. */
function kernelCounts(rows: readonly ProfileRow[], ...kernels: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    kernels.map((kernel) => [kernel, rows.filter((row) => row.kernel === kernel).length]),
  );
}

const opsOf = (rows: readonly ProfileRow[]) => new Set(rows.map(({ op }) => op));

test("a training step runs the fast paths: folded resize, Winograd with both gradients, no plain passes", async () => {
  const rows = await compiled("train");
  assert.deepEqual(
    kernelCounts(
      rows,
      "polyphaseConvolve",
      "polyphaseWeightGradient",
      "winogradConvolve",
      "winogradWeightGradient",
      "winogradWeightsGradient",
      "convolve",
      "resizeBilinear",
      "resizeBilinearGradient",
      "relu",
      "reluGradient",
      "addBias",
    ),
    {
      polyphaseConvolve: 1, // 11x11 on the enlarged image
      polyphaseWeightGradient: 1,
      winogradConvolve: 4, // 5x5 and 3x3, forward and with respect to the input
      winogradWeightGradient: 2,
      winogradWeightsGradient: 2, // once a step, not once a slice
      convolve: 2, // 3x3 to the 10 class maps: too few columns for Winograd
      resizeBilinear: 0,
      resizeBilinearGradient: 0,
      relu: 0, // in the products' epilogues
      reluGradient: 0,
      addBias: 0,
    },
  );
});

test("a forward pass runs them too", async () => {
  const rows = await compiled("forward");
  assert.deepEqual(
    kernelCounts(
      rows,
      "polyphaseConvolve",
      "winogradConvolve",
      "convolve",
      "resizeBilinear",
      "relu",
      "addBias",
    ),
    { polyphaseConvolve: 1, winogradConvolve: 2, convolve: 1, resizeBilinear: 0, relu: 0, addBias: 0 },
  );
});

test("the image is never enlarged: nothing in the program has 224 x 224 pixels", async () => {
  const rows = await compiled("train");
  assert.deepEqual(
    rows.filter(({ shape }) => shape?.[1] === 224),
    [],
  );
});

test("with every pass left out, the plain paths run", async () => {
  const rows = await compiled("train", ["all"]);
  const plain = opsOf(rows);
  for (const op of ["resizeBilinear", "relu", "reluGrad", "addBias"]) assert.ok(plain.has(op), op);
  assert.ok([...plain].every((op) => op === undefined || !/winograd|polyphase/.test(op)));
});

/** The tutorial's network, step for step equal to PyTorch: initial weights, resize, loss, gradients, SGD. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { HostTensor } from "#nin-net/backends/backend.js";
import { openDevice } from "#nin-net/backends/devices.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import type { Tensor } from "#nin-net/core/tensor.js";
import { DataIterator } from "#nin-net/data/data-iterator.js";
import type { Labels } from "#nin-net/data/dataset.js";
import type { ImageBatch } from "#nin-net/data/image-batch.js";
import { loadDataset } from "#nin-net/data/load-dataset.js";
import { readSafetensors, writeSafetensors } from "#nin-net/interop/safetensors.js";
import { NinNet } from "#nin-net/models/nin.js";
import { weightFromEngine } from "#nin-net/nn/layout.js";
import { DeviceParameters } from "#nin-net/nn/trace.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { batchInputs } from "#nin-net/train/programs.js";
import { Session } from "#nin-net/train/session.js";
import { realData } from "../data/real-data.js";
import { gradientsAndStep } from "./gradients-and-step.js";

/** Debian's, where `python3-torch` is. */
const python = "/usr/bin/python3";
const settings = { steps: 3, batchSize: 8, resize: 224, lr: 0.1 } as const;

const stored = {
  channels: 1,
  height: 28,
  width: 28,
  preprocessing: { resize: [settings.resize, settings.resize] as const, mean: null, std: null },
};

/** All ten class maps are alive at the start, so that every parameter has a gradient to compare. */
const seed = 250;

function whySkipped(): string | false {
  const data = realData("fashion-mnist");
  if (data.skip !== false) return data.skip;
  const { status } = spawnSync(python, ["-c", "import torch"]);
  return status === 0 ? false : `${python} has no PyTorch (Debian: apt-get install python3-torch)`;
}

const skip = whySkipped();

type Batches = readonly (readonly [ImageBatch, Labels])[];

async function firstBatches(steps: number = settings.steps): Promise<Batches> {
  const { train } = await loadDataset("fashion-mnist", { download: false });
  const { batchSize, resize } = settings;
  return [...new DataIterator(train, { batchSize, resize, limit: steps * batchSize }).batches(0)];
}

/** Runs a step for each batch in PyTorch, from the network's weights. */
function inPyTorch(
  net: NinNet,
  batches: Batches,
  dtype: "float32" | "float64",
  lr: number = settings.lr,
): Readonly<Record<string, Tensor>> {
  const folder = mkdtempSync(join(tmpdir(), "nin-pytorch-"));
  try {
    writeFileSync(
      join(folder, "settings.json"),
      JSON.stringify({ ...settings, steps: batches.length, lr, dtype }),
    );
    writeFileSync(join(folder, "weights.safetensors"), writeSafetensors(net.stateDict()));
    writeFileSync(join(folder, "images.bin"), Buffer.concat(batches.map(([{ pixels }]) => pixels)));
    writeFileSync(
      join(folder, "labels.bin"),
      Buffer.concat(batches.map(([, labels]) => Uint8Array.from(labels))),
    );
    const script = join("test", "oracle", "pytorch-steps.py");
    const { status, stderr } = spawnSync(python, [script, folder], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return readSafetensors(readFileSync(join(folder, "results.safetensors"))).tensors;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** |a - b| / |b| over all values. */
function relativeDistance(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  let difference = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(difference / size);
}

function assertClose(a: Float32Array, b: Float32Array, tolerance: number, what: string): void {
  const off = relativeDistance(a, b);
  assert.ok(off < tolerance, `${what} is off by ${off} relative L2`);
}

test("three SGD steps are PyTorch's in float64: loss, logits, every gradient, the weights", {
  skip,
}, async () => {
  const net = new NinNet({ seed, dropout: 0 });
  const batches = await firstBatches();
  const expected = inPyTorch(net, batches, "float64");

  const parameters = new DeviceParameters(net);
  using device = openReference();
  using state = await device.createState(parameters.values());
  using program = device.compile((images) => gradientsAndStep(net, parameters, images, stored), state);
  for (const [step, [images, labels]] of batches.entries()) {
    const { randomKey: _, ...given } = batchInputs(images, labels, { seed, epoch: 0, step });
    const minusLearningRate: HostTensor = { shape: [1], dtype: "f32", data: Float32Array.of(-settings.lr) };
    const inputs = { ...given, minusLearningRate };
    const outputs = await program.run(inputs);
    const loss = outputs.lossSum!.data[0]! / labels.length;
    assertClose(Float32Array.of(loss), expected[`${step}.loss`]!.data, 1e-6, `step ${step}: loss`);
    assertClose(
      outputs.logits!.data as Float32Array,
      expected[`${step}.logits`]!.data,
      1e-6,
      `step ${step}: logits`,
    );
    for (const [name, { shape }] of net.namedParameters()) {
      const gradient = weightFromEngine(shape, outputs[name]!.data as Float32Array);
      assertClose(
        gradient,
        expected[`${step}.grad.${name}`]!.data,
        1e-6,
        `step ${step}: gradient of ${name}`,
      );
    }
  }
  await parameters.pull(state);
  for (const [name, { data }] of net.namedParameters()) {
    assertClose(data, expected[`final.${name}`]!.data, 1e-6, `${name} after three steps`);
  }
});

test("three SGD steps on the CPU are PyTorch's in float32", { skip }, async () => {
  const net = new NinNet({ seed, dropout: 0 });
  const start = new NinNet({ seed, dropout: 0 });
  const batches = await firstBatches();
  const expected = inPyTorch(net, batches, "float32");

  using device = await openDevice("cpu");
  using session = await Session.open(net, device, { optimizer: sgd() });
  for (const [step, [images, labels]] of batches.entries()) {
    const stepSettings = { lr: settings.lr, seed, epoch: 0, step, stepsBefore: step };
    const { lossNatsSum, logits } = await session.gradients(images, labels, stepSettings);
    const loss = expected[`${step}.loss`]!.data[0]!;
    const difference = Math.abs(lossNatsSum / labels.length - loss);
    assert.ok(difference < 1e-4, `step ${step}: loss ${lossNatsSum / labels.length}, PyTorch's ${loss}`);
    expected[`${step}.logits`]!.data.forEach((value, i) => {
      const off = Math.abs(logits[i]! - value);
      assert.ok(off < 1e-3, `step ${step}: logit ${i} ${logits[i]}, PyTorch's ${value}`);
    });
    await session.step(images, labels, stepSettings);
  }
  await session.pull();
  const exact = inPyTorch(start, batches, "float64");
  for (const [name, { data }] of net.namedParameters()) {
    const final = `final.${name}`;
    const itsOwn = relativeDistance(expected[final]!.data, exact[final]!.data);
    assertClose(data, exact[final]!.data, 1e-4 + asFar * itsOwn, `${name} after three steps`);
  }
});

/**
 * Where two candidates of a pooling window are as good as equal, rounding chooses between them, in PyTorch as well, and
 * the gradients behind it jump. So the measure is how far PyTorch's float32 is from its float64.
 */
const asFar = 3;

test("gradients of five batches on the CPU are at most three times as far from PyTorch's in float64 as its own in float32", {
  skip,
}, async () => {
  const net = new NinNet({ seed, dropout: 0 });
  const batches = await firstBatches(5);
  const [exact, inSingle] = [inPyTorch(net, batches, "float64", 0), inPyTorch(net, batches, "float32", 0)];

  using device = await openDevice("cpu");
  using session = await Session.open(net, device, { optimizer: sgd() });
  const distances = new Map(
    net.namedParameters().map(([name]) => [name, { ours: [], theirs: [] } as Distances]),
  );
  for (const [step, [images, labels]] of batches.entries()) {
    const at = { lr: 0, seed, epoch: 0, step, stepsBefore: step };
    const { gradients } = await session.gradients(images, labels, at);
    for (const [name, { shape }] of net.namedParameters()) {
      const key = `${step}.grad.${name}`;
      const ours = weightFromEngine(shape, gradients.get(name)!);
      distances.get(name)!.ours.push(relativeDistance(ours, exact[key]!.data));
      distances.get(name)!.theirs.push(relativeDistance(inSingle[key]!.data, exact[key]!.data));
    }
  }
  for (const [name, { ours, theirs }] of distances) {
    const figures = `${ours.join(", ")}, PyTorch's float32 by ${theirs.join(", ")}`;
    assert.ok(median(ours) < 1e-6 + asFar * median(theirs), `gradients of ${name} are off by ${figures}`);
    // Rounding may choose otherwise more often in one batch than in another, but never moves a gradient by much.
    assert.ok(
      Math.max(...ours) < 0.01 + asFar * Math.max(...theirs),
      `gradients of ${name} are off by ${figures}`,
    );
  }
});

interface Distances {
  readonly ours: number[];
  readonly theirs: number[];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

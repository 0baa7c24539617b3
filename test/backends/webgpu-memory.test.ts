import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { CompileOptions, HostTensor } from "#nin-net/backends/backend.js";
import { openWebGpu, type WebGpuDevice } from "#nin-net/backends/webgpu/device.js";
import { GpuMemoryError } from "#nin-net/backends/webgpu/errors.js";
import { type Graph, input, sliceStart } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";
import { cramped } from "./cramped-gpu.js";
import { stepState, trainingStep } from "./small-step.js";
import { noGpu } from "./software-gpu.js";

const skip = await noGpu();
const images = 12;
/** Bytes in which a training step of so many images has no room at once, as the last test shows. */
const tooFewForAll = 120_000;

type Tensors = Readonly<Record<string, HostTensor>>;

const floats = (shape: readonly number[], value: (i: number) => number): HostTensor => {
  const length = shape.reduce((size, side) => size * side, 1);
  return { shape, dtype: "f32", data: Float32Array.from({ length }, (_, i) => value(i)) };
};

const states = Object.fromEntries(
  Object.entries(stepState).map(([name, shape], k) => [
    name,
    floats(shape, (i) => 0.3 * Math.sin(k + 2 * i)),
  ]),
);

const inputs: Tensors = {
  images: {
    shape: [images, 11, 10, 1],
    dtype: "u8",
    data: Uint8Array.from({ length: images * 110 }, (_, i) => (i * 7919) % 251),
  },
  labels: { shape: [images], dtype: "u8", data: Uint8Array.from({ length: images }, (_, i) => i % 4) },
  key: { shape: [3], dtype: "u32", data: Uint32Array.of(1, 2, 3) },
  minusLr: floats([1], () => -0.1),
  momentum: floats([1], () => 0.9),
  inverseBatch: floats([1], () => 1 / images),
  one: floats([1], () => 1),
};

interface Step {
  readonly outputs: Tensors;
  readonly weights: Readonly<Record<string, Float32Array>>;
}

/** A training step, and the weights after it. */
async function step(device: WebGpuDevice, options: CompileOptions = {}): Promise<Step> {
  using held = await device.createState(states);
  using program = device.compile(trainingStep, held, options);
  const outputs = await program.run(inputs);
  const weights = await Promise.all(held.names.map(async (name) => [name, await held.read(name)] as const));
  return { outputs, weights: Object.fromEntries(weights) };
}

/** The same but for the order in which float32 is added up. */
function assertAlike(got: Step, want: Step): void {
  assert.deepEqual(got.outputs.correct!.data, want.outputs.correct!.data);
  const pairs = [
    ...Object.entries(want.weights).map(([name, values]) => [name, got.weights[name]!, values] as const),
    ...["loss", "logits"].map((name) => [name, got.outputs[name]!.data, want.outputs[name]!.data] as const),
  ];
  for (const [name, values, wanted] of pairs) {
    assert.equal(values.length, wanted.length);
    const scale = Float32Array.from(wanted).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    values.forEach((value, i) => {
      assert.ok(Math.abs(value - wanted[i]!) < 1e-5 * scale, `${name}[${i}]: ${value}, ${wanted[i]}`);
    });
  }
}

/** The slices that a batch of {@link trainingStep} runs in. */
async function slicesOn(device: WebGpuDevice): Promise<number> {
  using held = await device.createState(states);
  using program = device.compile(trainingStep, held);
  const rows = await program.profile!(inputs);
  return rows.reduce((most, { runs }) => Math.max(most, runs), 0);
}

describe("memory of a GPU", { skip }, () => {
  // One device for all: compiling the kernels takes longest.
  let roomy: WebGpuDevice;
  let whole: Step;
  before(async () => {
    roomy = await openWebGpu({ allowSoftware: true });
    whole = await step(roomy);
  });
  after(() => roomy[Symbol.dispose]());

  test("a batch beyond the budget runs in slices: the same but for rounding", async (t) => {
    using device = await openWebGpu({ allowSoftware: true, memoryBudgetBytes: 30_000 });
    assertAlike(await step(device), whole);
    if (!device.gpu.features.has("timestamp-query")) {
      t.diagnostic("This GPU has no timestamp queries: the slices were not counted.");
      return;
    }
    assert.equal(await slicesOn(roomy), 1);
    assert.equal(await slicesOn(device), 4);
  });

  test("times of kernels are finer than the 65.5 µs that pages get", async (t) => {
    if (!roomy.gpu.features.has("timestamp-query")) {
      t.skip("This GPU has no timestamp queries.");
      return;
    }
    using held = await roomy.createState(states);
    using program = roomy.compile(trainingStep, held);
    const rows = await program.profile!(inputs);
    const rounded = rows.filter(({ seconds }) => Math.round(seconds * 1e9) % 65_536 === 0);
    assert.ok(
      rounded.length < rows.length / 2,
      `${rounded.length} of ${rows.length} are multiples of 65,536 ns`,
    );
  });

  test("a budget too small for one image runs one at a time; dropout masks are the same, to the bit", async () => {
    const trace = (n: number): Graph => {
      const x = input("x", [n, 50], "f32", "slice");
      const mask = ops.randomMask(input("key", [3], "u32", "step"), sliceStart, {
        shape: [n, 50],
        rate: 0.4,
        stream: 1,
      });
      return { outputs: { y: ops.mul(x, mask) }, updates: new Map() };
    };
    const masks: HostTensor["data"][] = [];
    for (const memoryBudgetBytes of [1e9, 1]) {
      using device = await openWebGpu({ allowSoftware: true, memoryBudgetBytes });
      using held = await device.createState({});
      using program = device.compile(trace, held);
      const given = { x: floats([30, 50], () => 1), key: inputs.key! };
      masks.push((await program.run(given)).y!.data);
      if (!device.gpu.features.has("timestamp-query")) continue;
      const [row] = await program.profile!(given);
      assert.equal(row!.runs, memoryBudgetBytes === 1 ? 30 : 1);
    }
    assert.deepEqual(masks[1], masks[0]);
    assert.equal(new Set(masks[0]).size, 2);
  });

  test("a budget that is none is refused", async () => {
    for (const memoryBudgetBytes of [0, Number.NaN]) {
      await assert.rejects(openWebGpu({ allowSoftware: true, memoryBudgetBytes }), {
        message: `openDevice: got memoryBudgetBytes ${memoryBudgetBytes}, expected a number above 0. Leave it out for the default.`,
      });
    }
  });

  test("where the driver refuses memory, a batch runs in fewer images at once or says that one is too many", async () => {
    const uncaptured: string[] = [];
    roomy.gpu.onuncapturederror = ({ error }) => void uncaptured.push(error.message);
    const outcomes = new Set<string>();
    let leastDone = Number.POSITIVE_INFINITY;
    for (let bytes = 3000; bytes < 400_000; bytes *= 1.05) {
      try {
        assertAlike(await cramped(roomy, bytes, () => step(roomy)), whole);
        outcomes.add("done");
        leastDone = Math.min(leastDone, bytes);
      } catch (error) {
        if (!(error instanceof GpuMemoryError)) throw error;
        const [what] =
          /^The GPU has too little memory for (?:one image|the network's weights|what goes in and out|reading the state)/.exec(
            error.message,
          ) ?? [error.message];
        outcomes.add(what);
        assert.match(
          error.message,
          /: no room for \d+ bytes\. (?:Use (?:smaller images|a smaller batch)\. )?Use the CPU, or end other programs that use the GPU\.$/,
        );
      }
    }
    // Whether these are ever short alone depends on the sizes of everything else.
    for (const what of ["what goes in and out", "reading the state"]) {
      outcomes.delete(`The GPU has too little memory for ${what}`);
    }
    assert.deepEqual(
      [...outcomes],
      [
        "The GPU has too little memory for the network's weights",
        "The GPU has too little memory for one image",
        "done",
      ],
    );
    assert.ok(leastDone < tooFewForAll);
    assert.deepEqual(uncaptured, []);
  });

  test("where the slice is the caller's choice, the error says which size there is room for", async () => {
    let fits = 0;
    await cramped(roomy, tooFewForAll, async () => {
      await assert.rejects(step(roomy, { sliceSize: images }), (error: Error) => {
        assert.ok(error instanceof GpuMemoryError);
        const found =
          /^The GPU has too little memory for 12 images at once, 1 MiB of tensors: no room for \d+ bytes\. There is room for about (\d+): compile with a sliceSize of (\d+), or without one\.$/.exec(
            error.message,
          );
        assert.ok(found, error.message);
        assert.equal(found[1], found[2]);
        fits = Number(found[1]);
        return true;
      });
      assert.ok(fits >= 1 && fits < images);
      assertAlike(await step(roomy, { sliceSize: fits }), whole);
    });
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostTensor } from "#nin-net/backends/backend.js";
import { callerInputs, checkInputs } from "#nin-net/backends/inputs.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { input } from "#nin-net/graph/node.js";
import { dropout } from "#nin-net/ops/composites/dropout.js";
import { ops } from "#nin-net/ops/ops.js";

const x = input("x", [4, 2], "f32", "slice");
const key = input("key", [3], "u32", "step");
const labels = input("labels", [4], "u8", "slice");
const wanted = callerInputs({
  outputs: { y: dropout(x, key, { rate: 0.5, stream: 0 }), z: ops.crossEntropy(x, labels) },
  updates: new Map(),
});

const good = {
  x: { shape: [5, 2], dtype: "f32", data: new Float32Array(10) },
  key: { shape: [3], dtype: "u32", data: new Uint32Array(3) },
  labels: { shape: [5], dtype: "u8", data: new Uint8Array(5) },
} as const satisfies Record<string, HostTensor>;

const refuses = (inputs: Readonly<Record<string, HostTensor>>, message: string) =>
  assert.throws(() => checkInputs(wanted, inputs), { name: "NinError", message });

test("the caller gives every input but the index of the slice's first image", () => {
  assert.deepEqual([...wanted.keys()].sort(), ["key", "labels", "x"]);
});

test("counts the images of a batch of any size", () => {
  assert.equal(checkInputs(wanted, good), 5);
  assert.equal(checkInputs(new Map([["key", key]]), { key: good.key }), undefined);
});

test("says which input is missing, unknown or does not fit", () => {
  const { labels: _, ...unlabelled } = good;
  refuses(unlabelled, 'run: input "labels" is missing, expected u8 [4]. Give every input.');
  refuses(
    { ...good, extra: good.key },
    'run: got input "extra", expected x, key, labels. Give the inputs of the graph only.',
  );
  refuses(
    { ...good, labels: { shape: [4], dtype: "u8", data: new Uint8Array(4) } },
    'run: got u8 [4] for input "labels", expected u8 [5]. Give inputs that fit the graph and each other.',
  );
  refuses(
    { ...good, key: { shape: [3], dtype: "f32", data: new Float32Array(3) } },
    'run: got f32 [3] for input "key", expected u32 [3]. Give inputs that fit the graph and each other.',
  );
  refuses(
    { ...good, key: { shape: [3], dtype: "u32", data: new Float32Array(3) } },
    'run: got a Float32Array of 3 for input "key", expected a Uint32Array of 3. Give data that fits its shape.',
  );
  refuses(
    { ...good, x: { shape: [0, 2], dtype: "f32", data: new Float32Array(0) } },
    'run: got no images in input "x", expected at least 1. Give a batch of images.',
  );
});

for (const open of [async () => openReference(), () => openWasm({ threads: 1 })]) {
  test("a program says what it takes, by one trace a slice size", async () => {
    using device = await open();
    using state = await device.createState({});
    const traced: number[] = [];
    const trace = (images: number) => {
      traced.push(images);
      const pixels = input("pixels", [images, 3], "u8", "slice");
      const y = dropout(ops.fromBytes(pixels), key, { rate: 0.5, stream: 0 });
      return { outputs: { y }, updates: new Map() };
    };
    using program = device.compile(trace, state, { sliceSize: 2 });
    const types = [...program.inputs].map(([name, { type, phase }]) => [name, type.dtype, phase]);
    assert.deepEqual(types.sort(), [
      ["key", "u32", "step"],
      ["pixels", "u8", "slice"],
    ]);
    assert.deepEqual(program.inputs.get("pixels")!.type.shape.slice(1), [3]);
    const pixels = { shape: [5, 3], dtype: "u8", data: new Uint8Array(15) } as const;
    await program.run({ pixels, key: good.key });
    assert.deepEqual(traced, [2, 1]);
  });
}

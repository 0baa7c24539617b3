import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostTensor } from "#nin-net/backends/backend.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { type Graph, input, state } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";
import { conformance } from "./conformance.js";

conformance("reference", openReference);

const scalar = (value: number): HostTensor => ({ shape: [1], dtype: "f32", data: Float32Array.of(value) });

test("keeps state in float64 between runs", async () => {
  using device = openReference();
  const w = state("w", [1]);
  const tiny = input("tiny", [1], "f32", "step");
  using held = await device.createState({ w: scalar(1) });
  const graph: Graph = { outputs: {}, updates: new Map([[w, ops.add(w, tiny)]]) };
  using program = device.compile(() => graph, held);
  for (let i = 0; i < 4; i++) await program.run({ tiny: scalar(2 ** -26) });
  assert.deepEqual(held.readExact("w"), Float64Array.of(1 + 2 ** -24));
  assert.deepEqual(await held.read("w"), Float32Array.of(1));
});

test("traces once for each slice size that it meets", async () => {
  using device = openReference();
  const sizes: number[] = [];
  const trace = (images: number): Graph => {
    sizes.push(images);
    return { outputs: { y: ops.relu(input("x", [images], "f32", "slice")) }, updates: new Map() };
  };
  using program = device.compile(trace, await device.createState({}), { sliceSize: 3 });
  const x: HostTensor = { shape: [8], dtype: "f32", data: new Float32Array(8) };
  await program.run({ x });
  await program.run({ x });
  assert.deepEqual(sizes, [3, 2]);
});

test("refuses the state of another kind of device, a slice of no images and a graph that does not hold", async () => {
  using device = openReference();
  using held = await device.createState({});
  const y = ops.sumPixels(input("x", [4, 3], "f32", "slice"));
  const graph: Graph = { outputs: { y }, updates: new Map() };
  assert.throws(() => device.compile(() => graph, { ...held, names: [] } as never), {
    name: "NinError",
    message:
      "compile: got the state of another device, expected one of this device. Create it with createState of the same device.",
  });
  assert.throws(() => device.compile(() => graph, held, { sliceSize: 0 }), {
    name: "NinError",
    message: "compile: got sliceSize 0, expected a whole number of at least 1. Give images a slice.",
  });
  assert.throws(() => device.compile(() => graph, held, { sliceSize: 4 }), {
    name: "NinError",
    message:
      'output "y": got shape [3] from a slice of 4 images, expected [4, ...]. Add it up over the slices with sumSlices first.',
  });
});

test("says which state is missing or of another shape", async () => {
  using device = openReference();
  using held = await device.createState({
    w: { shape: [3], dtype: "f32", data: new Float32Array(3) },
  });
  const compile = (name: string, shape: readonly number[]) =>
    device.compile(() => ({ outputs: { y: ops.relu(state(name, shape)) }, updates: new Map() }), held);
  assert.throws(() => compile("v", [3]), {
    message: 'state "v" does not exist, expected one of w. Create the state with it.',
  });
  assert.throws(() => compile("w", [1, 3]), {
    message: 'state "w": got shape [3], expected [1, 3]. Compile with the state of the same network.',
  });
  await assert.rejects(device.createState({ w: { shape: [3], dtype: "f32", data: new Float32Array(2) } }), {
    message: 'state "w": got 2 values, expected 3 for [3]. Give data that fits its shape.',
  });
});

test("a device that is disposed of opens nothing more", async () => {
  const device = openReference();
  const held = await device.createState({});
  device[Symbol.dispose]();
  device[Symbol.dispose]();
  await assert.rejects(device.createState({}), { name: "DisposedError" });
  assert.throws(() => device.compile(() => ({ outputs: {}, updates: new Map() }), held), {
    name: "DisposedError",
  });
});

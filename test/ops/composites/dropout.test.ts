import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { type Graph, input } from "#nin-net/graph/node.js";
import { dropout } from "#nin-net/ops/composites/dropout.js";

const trace = (images: number): Graph => {
  const x = input("x", [images, 3, 3, 2], "f32", "slice");
  const key = input("key", [3], "u32", "step");
  return { outputs: { y: dropout(x, key, { rate: 0.5, stream: 0 }) }, updates: new Map() };
};

const inputs = {
  x: { shape: [7, 3, 3, 2], dtype: "f32", data: new Float32Array(7 * 18).fill(3) },
  key: { shape: [3], dtype: "u32", data: Uint32Array.of(1, 2, 3) },
} as const;

test("an element is dropped or doubled at rate 0.5, whatever the slices are", async () => {
  using device = openReference();
  const state = await device.createState({});
  const whole = await device.compile(trace, state).run(inputs);
  assert.deepEqual(new Set(whole.y!.data), new Set([0, 6]));
  const sliced = await device.compile(trace, state, { sliceSize: 3 }).run(inputs);
  assert.deepEqual(sliced, whole);
});

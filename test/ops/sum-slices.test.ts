import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { type Graph, input } from "#nin-net/graph/node.js";
import { sumAll } from "#nin-net/ops/sum-all.js";
import { sumSlices } from "#nin-net/ops/sum-slices.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

const trace = (images: number): Graph => {
  const x = input("x", [images], "f32", "slice");
  return { outputs: { total: sumSlices(sumAll(x)) }, updates: new Map() };
};

test("adds over the slices of a batch", async () => {
  using device = openReference();
  const x = { shape: [7], dtype: "f32", data: Float32Array.of(1, 2, 3, 4, 5, 6, 7) } as const;
  for (const sliceSize of [1, 2, 3, 7, 100]) {
    const program = device.compile(trace, await device.createState({}), { sliceSize });
    const { total } = await program.run({ x });
    assert.deepEqual(total, { shape: [1], dtype: "f32", data: Float32Array.of(28) });
  }
});

test("is known when the last slice is done", () => {
  assert.equal(trace(3).outputs.total!.phase, "finish");
});

test("within one slice it changes nothing", () => {
  assert.deepEqual([...run(sumSlices(leaf([2], [3, 4])))], [3, 4]);
});

test("refuses bytes", () => {
  refuses(
    () => sumSlices(leaf([2], [1, 2], "u8")),
    "sumSlices: got u8 values, expected f32 values. Convert bytes with fromBytes.",
  );
});

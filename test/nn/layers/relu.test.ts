import assert from "node:assert/strict";
import { test } from "node:test";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { run } from "../run.js";

test("cuts off below zero, whatever the shape", async () => {
  assert.deepEqual([...(await run(new ReLU(), [1, 3], [-1, 0, 2])).data], [0, 0, 2]);
  const y = await run(new ReLU(), [1, 2, 1, 2], [-1, 2, 3, -4]);
  assert.deepEqual(y.shape, [1, 2, 1, 2]);
  assert.deepEqual([...y.data], [0, 2, 3, 0]);
});

test("refuses an empty batch", () => {
  assert.throws(() => new ReLU().outputShape([0, 3]), /ReLU: got shape \[0, 3\]/);
});

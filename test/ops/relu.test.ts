import assert from "node:assert/strict";
import { test } from "node:test";
import { relu, reluGrad } from "#nin-net/ops/relu.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("keeps what is above zero; NaN stays NaN", () => {
  assert.deepEqual([...run(relu(leaf([4], [-2, 0, 3, Number.NaN])))], [0, 0, 3, Number.NaN]);
});

test("passes the gradient where the result is above zero", () => {
  const dy = leaf([3], [5, 6, 7]);
  assert.deepEqual([...run(reluGrad(dy, leaf([3], [0, 0.5, 2])))], [0, 6, 7]);
});

test("refuses bytes, and a gradient of another shape", () => {
  refuses(
    () => relu(leaf([2], [1, 2], "u8")),
    "relu: got u8 values, expected f32 values. Convert bytes with fromBytes.",
  );
  refuses(
    () => reluGrad(leaf([2]), leaf([3])),
    "reluGrad: got shape [3], expected [2], the shape of the first input. Give both inputs the same shape.",
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { permute } from "#nin-net/ops/permute.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

test("transposes a matrix", () => {
  const y = permute(leaf([2, 3], [1, 2, 3, 4, 5, 6]), { axes: [1, 0] });
  assert.deepEqual(y.type.shape, [3, 2]);
  assert.deepEqual([...run(y)], [1, 4, 2, 5, 3, 6]);
});

test("brings channels first", () => {
  const y = permute(leaf([1, 2, 2, 2], [1, 10, 2, 20, 3, 30, 4, 40]), { axes: [0, 3, 1, 2] });
  assert.deepEqual([...run(y)], [1, 2, 3, 4, 10, 20, 30, 40]);
});

test("refuses axes that are missing or named twice", () => {
  for (const axes of [[0], [0, 0], [0, 2]]) {
    refuses(
      () => permute(leaf([2, 3]), { axes }),
      `permute: got axes ${axes.join(", ")}, expected each of the 2 axes of x once. Give 0 to 1 in the order they should have.`,
    );
  }
});

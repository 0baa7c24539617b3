import assert from "node:assert/strict";
import { test } from "node:test";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { run } from "../run.js";

test("keeps PyTorch's order, channel by channel", async () => {
  const x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  const y = await run(new Flatten(), [1, 3, 2, 2], x);
  assert.deepEqual(y.shape, [1, 12]);
  assert.deepEqual([...y.data], x);
});

test("one pixel, and what is flat already", async () => {
  assert.deepEqual(
    [...(await run(new Flatten(), [2, 3, 1, 1], [1, 2, 3, 4, 5, 6])).data],
    [1, 2, 3, 4, 5, 6],
  );
  assert.deepEqual((await run(new Flatten(), [2, 3], [1, 2, 3, 4, 5, 6])).shape, [2, 3]);
});

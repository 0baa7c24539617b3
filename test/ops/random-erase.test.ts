import assert from "node:assert/strict";
import { test } from "node:test";
import { philox } from "#nin-net/core/random.js";
import { randomErase } from "#nin-net/ops/random-erase.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

const key = (seed: number, epoch: number, step: number) => leaf([3], [seed, epoch, step], "u32");
const from = (image: number) => leaf([1], [image], "u32");

test("a square around a random pixel becomes 0, all channels of it", () => {
  const x = leaf([1, 4, 5, 2], new Float64Array(40).fill(1));
  const sizes = new Set<number>();
  for (let image = 0; image < 50; image++) {
    const [row, column] = philox([image, 3, 1, 2], [9, 5]).map((word, i) =>
      Math.floor((word / 2 ** 32) * [4, 5, 0, 0][i]!),
    );
    const y = run(randomErase(x, key(9, 2, 3), from(image), { side: 3, stream: 1 }));
    y.forEach((value, i) => {
      const [r, c] = [Math.floor(i / 10), Math.floor(i / 2) % 5];
      const isNear = Math.abs(r - row!) <= 1 && Math.abs(c - column!) <= 1;
      assert.equal(value, isNear ? 0 : 1, `image ${image}, row ${r}, column ${c}`);
    });
    sizes.add(y.filter((value) => value === 0).length);
  }
  assert.deepEqual(
    [...sizes].sort((a, b) => a - b),
    [8, 12, 18],
    "cut off at corners and edges",
  );
});

test("refuses what does not fit", () => {
  const x = leaf([1, 4, 5, 2]);
  refuses(
    () => randomErase(x, key(1, 1, 1), from(0), { side: 0, stream: 0 }),
    "randomErase: got side 0, expected a whole number of at least 1. Give a side that counts pixels.",
  );
  refuses(
    () => randomErase(x, key(1, 1, 1), from(0), { side: 5, stream: 0 }),
    "randomErase: got side 5, expected at most 4, the shorter side of the images. Erase a smaller square.",
  );
});

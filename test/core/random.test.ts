import assert from "node:assert/strict";
import { test } from "node:test";
import { Purpose, philox, RandomStream } from "#nin-net/core/random.js";

test("philox4x32-10 gives the known answers of its authors' Random123 library", () => {
  const hex = (words: readonly number[]) => words.map((word) => word.toString(16).padStart(8, "0")).join(" ");
  assert.equal(hex(philox([0, 0, 0, 0], [0, 0])), "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
  const ones = 0xffffffff;
  assert.equal(hex(philox([ones, ones, ones, ones], [ones, ones])), "408f276d 41c83b0e a20bc7c6 6d5451fd");
  assert.equal(
    hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])),
    "d16cfe09 94fdcceb 5001e420 24126ea1",
  );
});

test("a permutation holds every index once and depends on seed and epoch", () => {
  const order = new RandomStream(1, Purpose.shuffle, 0, 1).permutation(1000);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  );
  assert.notDeepEqual(order, new RandomStream(1, Purpose.shuffle, 0, 2).permutation(1000));
  assert.notDeepEqual(order, new RandomStream(2, Purpose.shuffle, 0, 1).permutation(1000));
});

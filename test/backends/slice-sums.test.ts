import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { partialSums, SliceSum, sumPosition } from "#nin-net/backends/slice-sums.js";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { byHand, counts, type Sums, sums, whole } from "./summed-slices.js";
import { wideSimd } from "./wide-simd.js";

/** How slices are added, in brackets. */
function brackets(slices: number): string {
  const sum = new SliceSum<string>(slices, (left, right) => `(${left} ${right})`);
  for (let i = 0; i < slices; i++) sum.push(String(i));
  return sum.total;
}

test("slices are added in a binary tree", () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((slices) => brackets(slices)),
    [
      "0",
      "(0 1)",
      "((0 1) 2)",
      "((0 1) (2 3))",
      "(((0 1) (2 3)) 4)",
      "(((0 1) (2 3)) (4 5))",
      "(((0 1) (2 3)) ((4 5) 6))",
      "(((0 1) (2 3)) ((4 5) (6 7)))",
      "((((0 1) (2 3)) ((4 5) (6 7))) 8)",
    ],
  );
});

test("the sum of n slices is that of the largest power of two below n, and that of the rest", () => {
  const tree = (first: number, count: number): string => {
    if (count === 1) return String(first);
    const left = 2 ** Math.ceil(Math.log2(count) - 1);
    return `(${tree(first, left)} ${tree(first + left, count - left)})`;
  };
  for (let slices = 1; slices <= 100; slices++) assert.equal(brackets(slices), tree(0, slices));
});

test("no more partial sums are held than said", () => {
  for (let slices = 1; slices <= 100; slices++) {
    const positions = Array.from({ length: slices }, (_, i) => sumPosition(i, slices).position);
    assert.equal(Math.max(...positions) + 1, partialSums(slices), `${slices} slices`);
  }
});

test("a step's sums have the bits of the tree built by hand, on any number of threads, in any width", async () => {
  const every: Sums[][] = [];
  for (const [threads, simd] of [
    [1, "128"],
    [2, "128"],
    [3, "128"],
    [4, "128"],
    [1, wideSimd],
    [2, wideSimd],
  ] as const) {
    using device = await openWasm({ threads, simd });
    const found = await sums(device, counts, whole);
    if (every.length === 0) every.push(await sums(device, counts, byHand));
    every.push(found);
  }
  for (const found of every) {
    for (const [i, values] of found.entries()) {
      for (const [name, data] of Object.entries(values)) {
        const same = data.every((value, at) => value === every[0]![i]![name]![at]);
        assert.ok(same, `${name} of ${counts[i]} slices`);
      }
    }
  }
});

test("the reference adds in the same tree", async () => {
  using device = openReference();
  const [sum] = await sums(device, [7], whole);
  const [tree] = await sums(device, [7], byHand);
  for (const [name, data] of Object.entries(tree!)) {
    // Added by hand in float32, within the reference in float64.
    data.forEach((value, i) => {
      assert.ok(Math.abs(sum![name]![i]! - value) <= 1e-6 * (1 + Math.abs(value)), name);
    });
  }
});

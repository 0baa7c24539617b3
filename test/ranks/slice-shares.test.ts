import assert from "node:assert/strict";
import { test } from "node:test";
import { SliceSum } from "#nin-net/backends/slice-sums.js";
import { exchangeRows, sliceShares, subtreesOf, sumOverRanks } from "#nin-net/ranks/slice-shares.js";
import { ranksInProcess } from "./in-process.js";

const lengths = (slices: number, ranks: number) =>
  sliceShares(slices, ranks).map(({ begin, end }) => end - begin);

test("shares are subtrees as large as the slowest rank allows", () => {
  assert.deepEqual(lengths(16, 1), [16]);
  assert.deepEqual(lengths(16, 2), [8, 8]);
  assert.deepEqual(lengths(16, 8), [2, 2, 2, 2, 2, 2, 2, 2]);
  // Of six slices at most for one of three ranks, pairs: 6 + 4 + 6 or 6 + 6 + 4, not 6 + 5 + 5.
  assert.deepEqual(
    lengths(16, 3).toSorted((a, b) => a - b),
    [4, 6, 6],
  );
  assert.deepEqual(lengths(7, 2), [4, 3]);
  assert.deepEqual(lengths(2, 4), [1, 1, 0, 0]);
});

test("shares are in order and whole, and none is larger than it must be", () => {
  for (let slices = 1; slices <= 40; slices++) {
    for (let ranks = 1; ranks <= 20; ranks++) {
      const shares = sliceShares(slices, ranks);
      assert.equal(shares.length, ranks);
      let at = 0;
      for (const { begin, end } of shares) {
        if (begin === end) continue;
        assert.equal(begin, at);
        assert.ok(end > begin && end - begin <= Math.ceil(slices / ranks));
        at = end;
      }
      assert.equal(at, slices);
    }
  }
});

test("the subtrees of a share are those of the batch's tree", () => {
  // Of 7: ((0 1) (2 3)) ((4 5) 6)
  assert.deepEqual(subtreesOf({ begin: 1, end: 7 }, 7), [
    { begin: 1, end: 2 },
    { begin: 2, end: 4 },
    { begin: 4, end: 7 },
  ]);
  assert.deepEqual(subtreesOf({ begin: 3, end: 3 }, 7), []);
});

/** Values whose sums depend on the order in which they are added. */
function valuesOf(slice: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: 5 }, (_, i) => Math.sin(slice * 7 + i) * 10 ** ((slice * 5 + i) % 7));
}

const added = (left: Float32Array, right: Float32Array) =>
  Float32Array.from(left, (value, i) => Math.fround(value + right[i]!));

function sumOf(begin: number, end: number): Float32Array<ArrayBuffer> {
  const sum = new SliceSum<Float32Array>(end - begin, added);
  for (let slice = begin; slice < end; slice++) sum.push(valuesOf(slice));
  return Float32Array.from(sum.total);
}

test("any number of ranks gives the bits of one process, on every rank", async () => {
  for (const size of [1, 2, 3, 4, 5, 7, 8, 11]) {
    for (let slices = 1; slices <= 19; slices++) {
      const shares = sliceShares(slices, size);
      const totals = await Promise.all(
        ranksInProcess(size).map((communicator) => {
          const own = subtreesOf(shares[communicator.rank]!, slices).map(({ begin, end }) =>
            sumOf(begin, end),
          );
          return sumOverRanks(communicator, shares, slices, own, () => new Float32Array(5));
        }),
      );
      for (const total of totals)
        assert.deepEqual(total, sumOf(0, slices), `${slices} slices, ${size} ranks`);
    }
  }
});

test("the values of this test do depend on the order", () => {
  const inOrder = Array.from({ length: 19 }, (_, slice) => valuesOf(slice)).reduce(added);
  assert.notDeepEqual(inOrder, sumOf(0, 19));
});

test("rows reach every rank, those without any too", async () => {
  const shares = sliceShares(2, 3);
  const rows = await Promise.all(
    ranksInProcess(3).map(async (communicator) => {
      const own = new Uint8Array(4);
      const { begin, end } = shares[communicator.rank]!;
      for (let row = begin; row < end; row++) own.fill(row + 1, 2 * row, 2 * row + 2);
      await exchangeRows(communicator, shares, own, 2);
      return [...own];
    }),
  );
  assert.deepEqual(rows, [
    [1, 1, 2, 2],
    [1, 1, 2, 2],
    [1, 1, 2, 2],
  ]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Batcher } from "#nin-cli/serve/batcher.js";
import { held, until } from "./fixtures.js";

const never = new AbortController().signal;

function doubling(most: number) {
  const batches: number[][] = [];
  const ran: number[] = [];
  let before = Promise.resolve();
  const batcher = new Batcher<number, number>(
    async (items) => {
      batches.push([...items]);
      await before;
      if (items.includes(13)) throw new RangeError("13");
      return items.map((item) => 2 * item);
    },
    most,
    { ran: (items, seconds) => void ran.push(items, Math.sign(seconds)) },
  );
  const hold = (promise: Promise<void>) => {
    before = promise;
  };
  return { batcher, batches, ran, hold };
}

test("items that come together run together, in their order, each with its own result", async () => {
  const { batcher, batches, ran } = doubling(10);
  assert.deepEqual(await Promise.all([3, 1, 2].map((item) => batcher.submit(item, never))), [6, 2, 4]);
  assert.deepEqual(batches, [[3, 1, 2]]);
  assert.deepEqual(ran, [3, 1]);
});

test("those that come while a batch runs gather for the next ones, never more than allowed", async () => {
  const { batcher, batches, hold } = doubling(3);
  const gate = held();
  hold(gate.promise);
  const first = batcher.submit(0, never);
  await until(() => batches.length === 1);
  const others = [1, 2, 3, 4, 5].map((item) => batcher.submit(item, never));
  assert.equal(batcher.waiting, 5);
  gate.release();
  assert.deepEqual(await Promise.all([first, ...others]), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(batches, [[0], [1, 2, 3], [4, 5]]);
  assert.equal(batcher.waiting, 0);
});

test("an item that is taken back is not run; the others are", async () => {
  const { batcher, batches, hold } = doubling(3);
  const gate = held();
  hold(gate.promise);
  const first = batcher.submit(0, never);
  await until(() => batches.length === 1);
  const back = new AbortController();
  const taken = assert.rejects(batcher.submit(1, back.signal), { message: "changed my mind" });
  const kept = batcher.submit(2, never);
  back.abort(new Error("changed my mind"));
  await taken;
  gate.release();
  assert.deepEqual(await Promise.all([first, kept]), [0, 4]);
  assert.deepEqual(batches, [[0], [2]]);
  await assert.rejects(batcher.submit(3, back.signal), { message: "changed my mind" });
});

test("a batch that fails fails its own items alone", async () => {
  const { batcher } = doubling(1);
  const results = await Promise.allSettled([1, 13, 2].map((item) => batcher.submit(item, never)));
  assert.deepEqual(
    results.map((result) => (result.status === "fulfilled" ? result.value : String(result.reason))),
    [2, "RangeError: 13", 4],
  );
});

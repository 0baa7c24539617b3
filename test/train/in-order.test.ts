import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { inOrder } from "#nin-net/train/in-order.js";

async function all<In, Out>(
  inputs: Iterable<In>,
  begin: (input: In) => Promise<Out>,
  options: { ahead: number; isHeld?: () => boolean },
): Promise<[Out, number][]> {
  const got: [Out, number][] = [];
  for await (const { result, underWay } of inOrder(inputs, begin, options)) got.push([result, underWay]);
  return got;
}

test("results come in the order of the inputs, with so much begun ahead and no more", async () => {
  let underWay = 0;
  let most = 0;
  const slowFirst = async (n: number): Promise<number> => {
    most = Math.max(most, ++underWay);
    await wait(20 - 4 * n);
    underWay--;
    return 10 * n;
  };
  for (const [ahead, counts] of [
    [0, [0, 0, 0, 0]],
    [2, [2, 2, 1, 0]],
  ] as const) {
    most = 0;
    assert.deepEqual(
      await all([1, 2, 3, 4], slowFirst, { ahead }),
      counts.map((count, i) => [10 * (i + 1), count]),
    );
    assert.equal(most, ahead + 1);
  }
});

test("what is held back is not begun, what is under way ends; without either it is over", async () => {
  const begun: number[] = [];
  let isHeld = false;
  const begin = async (n: number): Promise<number> => {
    begun.push(n);
    return n;
  };
  const got: number[] = [];
  for await (const { result, underWay } of inOrder([1, 2, 3, 4, 5, 6, 7, 8], begin, {
    ahead: 2,
    isHeld: () => isHeld,
  })) {
    got.push(result);
    if (result === 1) isHeld = true;
    if (result === 3) {
      assert.deepEqual([begun, underWay], [[1, 2, 3], 0]);
      isHeld = false;
    }
    if (result === 4) isHeld = true;
  }
  assert.deepEqual(got, [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(begun, got);
});

test("a failure comes after the results before it, once; what was begun after it is waited for", async () => {
  const ended: number[] = [];
  const begin = async (n: number): Promise<number> => {
    await wait(n === 3 ? 1 : 5);
    ended.push(n);
    if (n >= 3) throw new Error(`no ${n}`);
    return n;
  };
  const got: number[] = [];
  const run = async (): Promise<void> => {
    for await (const { result } of inOrder([1, 2, 3, 4, 5, 6], begin, { ahead: 2 })) got.push(result);
  };
  await assert.rejects(run(), { message: "no 3" });
  assert.deepEqual(got, [1, 2]);
  assert.deepEqual(ended.toSorted(), [1, 2, 3, 4, 5]);
});

test("inputs that fail do so after the results of those before", async () => {
  function* inputs(): Generator<number> {
    yield 1;
    yield 2;
    throw new Error("no more");
  }
  const got: number[] = [];
  const run = async (): Promise<void> => {
    for await (const { result } of inOrder(inputs(), async (n) => n, { ahead: 2 })) got.push(result);
  };
  await assert.rejects(run(), { message: "no more" });
  assert.deepEqual(got, [1, 2]);
});

test("whoever leaves early leaves nothing under way and closes the inputs", async () => {
  let isClosed = false;
  function* inputs(): Generator<number> {
    try {
      for (let n = 1; ; n++) yield n;
    } finally {
      isClosed = true;
    }
  }
  const ended: number[] = [];
  const begin = async (n: number): Promise<number> => {
    await wait(5);
    ended.push(n);
    if (n === 2) throw new Error("nobody is to hear of this");
    return n;
  };
  for await (const { result } of inOrder(inputs(), begin, { ahead: 2 })) {
    assert.equal(result, 1);
    break;
  }
  assert.deepEqual([ended, isClosed], [[1, 2, 3], true]);
});

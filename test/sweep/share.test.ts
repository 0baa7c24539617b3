import assert from "node:assert/strict";
import { test } from "node:test";
import { arrayShare, sharedAgain, shareOf } from "#nin-cli/sweep/share.js";

/** What SLURM tells a task of an array. */
const task = (id: number, count: number, min: number, max: number) => ({
  SLURM_ARRAY_TASK_ID: `${id}`,
  SLURM_ARRAY_TASK_COUNT: `${count}`,
  SLURM_ARRAY_TASK_MIN: `${min}`,
  SLURM_ARRAY_TASK_MAX: `${max}`,
});

test("the tasks of an array share the list, each run once", () => {
  const items = ["a", "b", "c", "d", "e"];
  const of = (env: Record<string, string>) => shareOf(items, arrayShare(env));
  assert.deepEqual(of({}), items);
  assert.deepEqual(
    [of(task(0, 2, 0, 1)), of(task(1, 2, 0, 1))],
    [
      ["a", "c", "e"],
      ["b", "d"],
    ],
  );
  // --array=1-3, --array=10-30:10
  assert.deepEqual(of(task(3, 3, 1, 3)), ["c"]);
  assert.deepEqual(of(task(20, 3, 10, 30)), ["b", "e"]);
  // One task again: all that is not done.
  assert.deepEqual(of(task(4, 1, 4, 4)), items);
});

test("ranks of a task share its share", () => {
  const items = Array.from({ length: 12 }, (_, i) => i);
  const shares = [0, 1].flatMap((outer) =>
    [0, 1, 2].map((inner) =>
      shareOf(items, sharedAgain({ index: outer, count: 2 }, { index: inner, count: 3 })),
    ),
  );
  assert.deepEqual(
    shares.flat().sort((a, b) => a - b),
    items,
  );
  assert.deepEqual(shares[0], [0, 6]);
});

test("an array that is not numbered evenly is refused", () => {
  assert.throws(() => arrayShare(task(5, 3, 1, 7)), {
    message:
      "SLURM_ARRAY_TASK_ID: got task 5 of 3 between 1 and 7, expected tasks numbered evenly, such as --array=0-2.",
  });
  assert.throws(() => arrayShare({ SLURM_ARRAY_TASK_ID: "1" }), {
    message:
      "SLURM_ARRAY_TASK_COUNT: got nothing in the environment, expected the whole number that SLURM sets for each task of an array.",
  });
});

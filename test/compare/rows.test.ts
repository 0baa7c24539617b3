import assert from "node:assert/strict";
import { test } from "node:test";
import { groupRuns } from "#nin-cli/compare/rows.js";
import { compare, comparedRun, images } from "./fixture.js";

const right = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0];
const wrongBy = (count: number) => right.map((k, i) => (i < count ? (k + 1) % 3 : k));

test("runs of one recipe that differ in the seed alone are one row, with Student's interval", async () => {
  const data = await images(10);
  const runs = await Promise.all(
    [3, 1, 2].map((seed) =>
      comparedRun({ path: `runs/${seed}`, recipe: { seed }, answers: wrongBy(seed), data }),
    ),
  );
  const { rows } = await compare(runs);
  assert.equal(rows.length, 1);
  assert.deepEqual(
    rows[0]!.runs.map(({ run }) => run.path),
    ["runs/1", "runs/2", "runs/3"],
  );
  const { mean, low, high, method } = rows[0]!.accuracy;
  // 0.9, 0.8, 0.7: standard deviation 0.1; 4.302653 * 0.1 / sqrt(3) on both sides, cut off at 1.
  assert.equal(method, "t");
  assert.ok(Math.abs(mean - 0.8) < 1e-12);
  assert.ok(Math.abs(low - (0.8 - 0.248413772)) < 1e-8, `${low}`);
  assert.equal(high, 1);
});

test("another setting, another length, another test set or the same seed again is another row", async () => {
  const data = await images(10);
  const base = { answers: right, data };
  const runs = await Promise.all([
    comparedRun({ ...base, path: "runs/a" }),
    comparedRun({ ...base, path: "runs/b", recipe: { seed: 1, lr: 0.05 } }),
    comparedRun({ ...base, path: "runs/c", recipe: { seed: 2 }, epochs: 1 }),
    comparedRun({ ...base, path: "runs/d", recipe: { seed: 3 }, data: await images(10, 11) }),
    comparedRun({ ...base, path: "runs/e" }),
    comparedRun({ ...base, path: "runs/f", recipe: { seed: 4 } }),
  ]);
  assert.deepEqual(
    groupRuns(runs).map((group) => group.map(({ name }) => name)),
    [["a", "f"], ["b"], ["c"], ["d"], ["e"]],
  );
});

test("one run has Wilson's interval", async () => {
  const { rows } = await compare([
    await comparedRun({ path: "runs/a", answers: wrongBy(2) }),
    await comparedRun({ path: "runs/b", answers: right, recipe: { net: "nin-small" } }),
  ]);
  const { mean, low, high, method } = rows[0]!.accuracy;
  assert.deepEqual([mean, method], [0.8, "wilson"]);
  assert.ok(Math.abs(low - 0.4901624715366418) < 1e-12 && Math.abs(high - 0.9433178485456248) < 1e-12);
});

test("a row goes by its network, by its folder where another has the network too", async () => {
  const labels = async (paths: readonly (readonly [path: string, net: "nin" | "nin-small"])[]) => {
    const runs = paths.map(([path, net], i) =>
      comparedRun({ path, answers: right, recipe: { net, lr: 0.1 + i } }),
    );
    return (await compare(await Promise.all(runs))).rows.map(({ label }) => label);
  };
  assert.deepEqual(
    await labels([
      ["runs/a", "nin"],
      ["runs/b", "nin-small"],
    ]),
    ["nin", "nin-small"],
  );
  assert.deepEqual(
    await labels([
      ["runs/a", "nin"],
      ["runs/b", "nin"],
    ]),
    ["a", "b"],
  );
  assert.deepEqual(
    await labels([
      ["x/a", "nin"],
      ["y/a", "nin"],
    ]),
    ["x/a", "y/a"],
  );
});

test("what was trained less than the network's own recipe says so", async () => {
  const { rows, notes } = await compare([
    await comparedRun({ path: "runs/a", answers: right, epochs: 1 }),
    await comparedRun({ path: "runs/b", answers: right, recipe: { net: "nin-small" }, epochs: 3 }),
  ]);
  assert.equal(
    rows[0]!.shortfall,
    "nin was trained for 1 epoch on 12 images; its network's own recipe has 10 epochs on all of them.",
  );
  assert.equal(rows[1]!.shortfall, null);
  assert.ok(notes.includes(rows[0]!.shortfall!));
});

test("rows that were trained as little are told of in one sentence", async () => {
  const { notes } = await compare(
    await Promise.all(
      [0.1, 0.2, 0.3].map((lr, i) =>
        comparedRun({ path: `runs/${lr}`, answers: right, recipe: { lr }, epochs: i < 2 ? 1 : 2 }),
      ),
    ),
  );
  assert.deepEqual(
    notes.filter((note) => note.includes("trained for")),
    [
      "0.1 and 0.2 were each trained for 1 epoch on 12 images; their network's own recipe has 10 epochs on all of them.",
      "0.3 was trained for 2 epochs on 12 images; its network's own recipe has 10 epochs on all of them.",
    ],
  );
});

test("runs that are called something are labelled so", async () => {
  const runs = await Promise.all(
    [1, 2].map(async (seed) => ({
      ...(await comparedRun({ path: `runs/lr=0.1,seed=${seed}`, answers: right, recipe: { seed } })),
      label: "lr=0.1",
    })),
  );
  const { rows } = await compare(runs);
  assert.deepEqual(
    rows.map(({ label, runs: pooled }) => [label, pooled.length]),
    [["lr=0.1", 2]],
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, comparedRun, images } from "./fixture.js";

test("image by image: who is right, who is wrong, and how", async () => {
  //             true 0  1  2  0  1  2
  const first = await comparedRun({ path: "runs/a", answers: [0, 1, 2, 1, 2, 0], recipe: { lr: 0.1 } });
  const second = await comparedRun({ path: "runs/b", answers: [0, 0, 2, 0, 2, 1], recipe: { lr: 0.2 } });
  const { pairs } = await compare([first, second]);
  assert.equal(pairs.length, 1);
  const { first: a, second: b, test: result, ...counts } = pairs[0]!;
  assert.deepEqual([a.label, b.label], ["a", "b"]);
  assert.deepEqual(counts, {
    images: 6,
    bothRight: 2,
    onlyFirst: [1],
    onlySecond: [3],
    bothWrongApart: [5],
    bothWrongAlike: 1,
  });
  assert.deepEqual(result, { method: "exact", chiSquare: null, p: 1 });
});

test("only runs with the same test images make a pair, and a note says so", async () => {
  const others = await images(6, 11);
  const answers = [0, 1, 2, 0, 1, 2];
  const { pairs, notes } = await compare([
    await comparedRun({ path: "runs/a", answers, recipe: { lr: 0.1 } }),
    await comparedRun({ path: "runs/b", answers, recipe: { lr: 0.2 }, data: others }),
    await comparedRun({ path: "runs/c", answers, recipe: { lr: 0.3 } }),
  ]);
  assert.deepEqual(
    pairs.map(({ first, second }) => [first.label, second.label]),
    [["a", "c"]],
  );
  assert.ok(
    notes.includes(
      "There are 2 sets of test images here (Garments, 6; Garments, 6): disagreements and McNemar's test are told " +
        "only of runs that have one in common.",
    ),
    notes.join("\n"),
  );
});

test("seeds of one recipe are set against each other; beside another row the lowest stands for them", async () => {
  const seeds = await Promise.all(
    [2, 1].map((seed) => comparedRun({ path: `runs/${seed}`, answers: [0, 1, 2], recipe: { seed } })),
  );
  const alone = await compare(seeds);
  assert.deepEqual(
    alone.pairs.map(({ first, second }) => [first.label, second.label]),
    [["seed 1", "seed 2"]],
  );
  const other = await comparedRun({ path: "runs/x", answers: [0, 1, 0], recipe: { net: "nin-small" } });
  const { pairs } = await compare([...seeds, other]);
  assert.deepEqual(
    pairs.map(({ first, second }) => [first.label, first.run.run.path, second.label]),
    [["nin", "runs/1", "nin-small"]],
  );
});

test("of more than eight rows each is set against the most accurate one alone, and a note says so", async () => {
  const rowsOf = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        comparedRun({ path: `runs/${i}`, answers: i === 4 ? [0, 1, 2] : [0, 0, 0], recipe: { lr: i + 1 } }),
      ),
    );
  const note =
    "There are many here: disagreements and McNemar's test are told of each beside the most accurate one alone.";
  const many = await compare(await rowsOf(9));
  assert.deepEqual(
    many.pairs.map(({ first, second }) => `${first.label} ${second.label}`),
    ["4 0", "4 1", "4 2", "4 3", "4 5", "4 6", "4 7", "4 8"],
  );
  assert.ok(many.notes.includes(note));
  const few = await compare(await rowsOf(8));
  assert.equal(few.pairs.length, 28);
  assert.ok(!few.notes.includes(note));
});

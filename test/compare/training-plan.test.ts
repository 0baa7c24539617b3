import assert from "node:assert/strict";
import { test } from "node:test";
import { type Budget, type Candidate, planTraining } from "#nin-cli/compare/training-plan.js";
import { presets, type Recipe } from "#nin-net/train/recipe.js";

const recipe = (changes: Partial<Recipe>): Recipe => ({ ...presets.tutorial, ...changes });
const candidate = (net: string, trainSeconds: number, changes: Partial<Recipe> = {}): Candidate => ({
  recipe: recipe({ net, ...changes }),
  cost: { trainSeconds, testSeconds: trainSeconds / 4 },
});
const budget = (changes: Partial<Budget>): Budget => ({
  minutes: 10,
  spentSeconds: 0,
  runs: 1,
  trainImages: 60_000,
  testImages: 10_000,
  mayTestFewer: true,
  ...changes,
});

test("a budget that carries every recipe leaves them as they are", () => {
  const candidates = [candidate("nin", 1e-3), candidate("nin-small", 1e-5, { epochs: 3 })];
  const { testImages, networks } = planTraining(candidates, budget({ minutes: 1000 }));
  assert.equal(testImages, 10_000);
  assert.deepEqual(
    networks.map((network) => network.recipe),
    candidates.map((each) => each.recipe),
  );
  // 10 epochs of 60 s of training, 2.5 s of tests and 2 s of files; 2.5 s for the last test.
  assert.ok(Math.abs(networks[0]!.seconds - (10 * 64.5 + 2.5)) < 1e-9);
});

test("less time: fewer epochs; still less: fewer images, in whole batches", () => {
  // Each has 0.9 * 150 s; testing may take a quarter of that in two goes: 16,875 images of 1 ms.
  const slow = candidate("nin", 4e-3, { epochs: 10, batchSize: 128 });
  const quick = candidate("nin-small", 4e-4, { epochs: 10, batchSize: 64 });
  const { testImages, networks } = planTraining([slow, quick], budget({ minutes: 5 }));
  assert.equal(testImages, 10_000);
  // Of the quick one an epoch is 24 + 1 + 2 s, and the last test 1 s: four in 135 s, which leaves 161 s.
  assert.deepEqual(networks[1], {
    recipe: recipe({ net: "nin-small", epochs: 4, batchSize: 64 }),
    seconds: 4 * 27 + 1,
  });
  // 161 s less 2 * 10 s of tests and 2 s of files: 139 s, 34,750 images, 271 batches of 128.
  assert.deepEqual(networks[0]!.recipe, recipe({ net: "nin", epochs: 1, limit: 271 * 128 }));
  assert.ok(networks[0]!.seconds <= 161, `${networks[0]!.seconds}`);
});

test("a network whose whole recipe takes less than its share leaves the rest to the others", () => {
  const candidates = [candidate("nin", 1e-3), candidate("nin-small", 1e-5, { epochs: 1 })];
  // 0.9 * 600 s together. The small one needs 0.6 s, 0.025 s twice and 2 s.
  const { networks } = planTraining(candidates, budget({}));
  assert.ok(Math.abs(networks[1]!.seconds - 2.65) < 1e-9, `${networks[1]!.seconds}`);
  // 537.35 s less 2.5 s for the last test; an epoch takes 64.5 s.
  assert.equal(networks[0]!.recipe.epochs, 8);
});

test("where testing all would take too long, the first hundreds are tested; not where a number was given", () => {
  const slow = [candidate("nin", 0.04), candidate("nin-small", 0.001)];
  // 0.9 * 300 s each; a quarter of that in two goes: 3,375 images of 10 ms.
  assert.equal(planTraining(slow, budget({})).testImages, 3300);
  assert.equal(planTraining(slow, budget({ testImages: 5000, mayTestFewer: false })).testImages, 5000);
});

test("several seeds share what a network has", () => {
  const [one] = planTraining([candidate("nin", 1e-3, { epochs: 100 })], budget({})).networks;
  const [five] = planTraining([candidate("nin", 1e-3, { epochs: 100 })], budget({ runs: 5 })).networks;
  // 540 s and 108 s; an epoch takes 64.5 s.
  assert.deepEqual([one!.recipe.epochs, five!.recipe.epochs], [8, 1]);
});

test("a budget that is too small for a step is refused, with one that is enough", () => {
  const candidates = [candidate("nin", 0.1), candidate("nin-small", 0.001)];
  assert.throws(() => planTraining(candidates, budget({ minutes: 0.5, spentSeconds: 6 })), {
    name: "DataError",
    // (12.8 + 2 * 2.5 + 2) s for two networks, over 0.9, and 6 s spent: 50 s.
    message:
      "--minutes: got 0.5, expected about 0.9 or more: nin, nin-small need as much for a first step and its test on " +
      "this machine. Give more, or leave a network out.",
  });
  planTraining(candidates, budget({ minutes: 0.9, spentSeconds: 6 }));
});

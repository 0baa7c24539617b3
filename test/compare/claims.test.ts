import assert from "node:assert/strict";
import { test } from "node:test";
import { seriesClaims } from "#nin-cli/compare/claims.js";
import { epochEvent } from "../report/fixture.js";
import { comparedRun } from "./fixture.js";

/** A row as far as the claims look at it; the networks need not be in the registry. */
async function row(
  net: string,
  parameters: number,
  linear: number,
  imagesPerSecond: number,
  accuracies: number[],
) {
  const run = await comparedRun({
    answers: [0, 1, 2],
    network: {
      parameters,
      fullyConnected: { layers: linear > 0 ? 3 : 0, parameters: linear },
    },
  });
  const epochs = accuracies.map((testAccuracy, i) => ({ ...epochEvent(i + 1), testAccuracy, seconds: 100 }));
  return { net, title: net.toUpperCase(), imagesPerSecond, runs: [{ ...run, epochs }] as const };
}

test("each claim has its answer from the figures", async () => {
  const claims = seriesClaims([
    await row("alexnet", 46_764_746, 43_040_778, 100, [0.8, 0.85]),
    await row("nin", 1_992_166, 0, 50, [0.5, 0.7, 0.82]),
    await row("lenet", 61_706, 59_134, 10_000, [0.6, 0.75]),
  ]);
  assert.deepEqual(claims, [
    {
      claim: "NIN has fewer parameters than LENET.",
      holds: false,
      measured: "1,992,166 against 61,706: 32.3 times more.",
    },
    {
      claim: "NIN has fewer parameters than ALEXNET.",
      holds: true,
      measured: "1,992,166 against 46,764,746: 23.5 times fewer.",
    },
    {
      claim: "NIN has no fully connected layers; the others have.",
      holds: true,
      measured:
        "NIN has none; LENET has 3, with 95.8 % of its parameters; ALEXNET has 3, with 92.0 % of its parameters.",
    },
    {
      claim: "NIN sometimes takes longer to train than LENET.",
      holds: true,
      // The lower of the best: 0.75, which NIN first passed after its third epoch.
      measured:
        "50.0 images a second against 10,000: an image takes 200 times as long. A test accuracy of 0.750, to which both came, took 5 min 0 s against 3 min 20 s.",
    },
    {
      claim: "NIN sometimes takes longer to train than ALEXNET.",
      holds: true,
      measured:
        "50.0 images a second against 100: an image takes 2.00 times as long. A test accuracy of 0.820, to which both came, took 5 min 0 s against 3 min 20 s.",
    },
  ]);
});

test("without both sides of a claim there is none", async () => {
  const nin = await row("nin", 1, 0, 1, [0.5]);
  assert.deepEqual(seriesClaims([nin, { ...nin, net: "nin-small" }]), []);
  assert.deepEqual(
    seriesClaims([
      { ...nin, net: "lenet" },
      { ...nin, net: "vgg" },
    ]),
    [],
  );
});

test("times of different machines answer nothing", async () => {
  const nin = await row("nin", 1, 0, 1, [0.5]);
  const [run] = nin.runs;
  const elsewhere = { ...run, run: { ...run.run, config: { ...run.run.config, machine: "Another" } } };
  const vgg = { ...nin, net: "vgg", runs: [elsewhere] as unknown as typeof nin.runs };
  const claim = seriesClaims([nin, vgg]).at(-1)!;
  assert.deepEqual([claim.holds, claim.measured], [null, "They were trained on different machines."]);
});

test("networks that still guess were never equally accurate", async () => {
  // Of three classes; the other is at 0.9.
  const claims = seriesClaims([await row("nin", 1, 0, 50, [0.35]), await row("vgg", 2, 1, 100, [0.9])]);
  assert.equal(
    claims.at(-1)!.measured,
    "50.0 images a second against 100: an image takes 2.00 times as long. They have learned too little to tell when both were equally accurate.",
  );
});

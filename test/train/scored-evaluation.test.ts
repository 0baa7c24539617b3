import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { trainingLoop } from "#nin-net/train/loop.js";
import { evaluateWithScores, type ScoredEvaluation } from "#nin-net/train/scored-evaluation.js";
import { Session } from "#nin-net/train/session.js";
import { patches } from "./patches.js";

const net = () => new Sequential(new Flatten(), new Linear(64, 3));

test("keeps the scores of every image, in order, across batches of different sizes", async () => {
  const device = openReference();
  const layer = net();
  using session = await Session.open(layer, device);
  const { evaluation, scores } = await evaluateWithScores(session, patches(7, 3));
  assert.equal(scores.length, 7 * 3);
  const all = [...patches(7, 7).batches(0)][0]!;
  const whole = await layer.forward({ shape: [7, 1, 8, 8], data: all[0].data }, { device });
  scores.forEach((score, i) => {
    assert.ok(Math.abs(score - whole.data[i]!) < 1e-5, `score ${i}`);
  });
  const hits = [...all[1]].filter((label, n) => {
    const row = [...scores.subarray(n * 3, n * 3 + 3)];
    return row.indexOf(Math.max(...row)) === label;
  });
  assert.equal(evaluation.testAccuracy, hits.length / 7);
});

test("the loop tells of every image before each epoch event", async () => {
  const seen: ScoredEvaluation[] = [];
  const accuracies: number[] = [];
  const settings = { epochs: 2, lr: 0.1, seed: 0 };
  const options = {
    device: openReference(),
    callbacks: [{ onEvaluation: (tested: ScoredEvaluation) => void seen.push(tested) }],
  };
  for await (const event of trainingLoop(net(), patches(6, 3), patches(5, 2), settings, options)) {
    if (event.kind !== "epoch") continue;
    accuracies.push(event.testAccuracy);
    assert.equal(seen.length, event.epoch);
  }
  assert.deepEqual(
    seen.map(({ evaluation }) => evaluation.testAccuracy),
    accuracies,
  );
  assert.deepEqual(
    seen.map(({ scores }) => scores.length),
    [15, 15],
  );
});

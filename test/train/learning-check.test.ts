import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { learningCheckStep, nothingLearned } from "#nin-net/train/learning-check.js";
import { trainingLoop } from "#nin-net/train/loop.js";
import { patches } from "./patches.js";

test("a loss near ln(classes) is that of guessing", () => {
  assert.match(
    nothingLearned(2.304, 10, 300) ?? "",
    /^Nothing has been learned yet: after 300 steps the mean loss is 2\.304, .*\(ln 10 = 2\.303\)\. .*preset robust/,
  );
  assert.equal(nothingLearned(2.2, 10, 300), null);
  assert.equal(nothingLearned(0.7, 2, 300)?.startsWith("Nothing"), true);
});

for (const [lr, notices] of [
  [0.5, 0],
  [1e-9, 1],
] as const) {
  test(`a run at learning rate ${lr} has ${notices} notice, in the midst of its first epoch`, async () => {
    manualSeed(1);
    const net = new Sequential(new Flatten(), new Linear(64, 3));
    net.loadStateDict(
      Object.fromEntries(
        net
          .namedParameters()
          .map(([name, { shape, size }]) => [name, { shape, data: new Float32Array(size) }]),
      ),
    );
    const data = patches(learningCheckStep + 50, 1);
    const kinds: string[] = [];
    const events = trainingLoop(
      net,
      data,
      patches(6, 6),
      { epochs: 2, lr, seed: 0 },
      { device: openReference() },
    );
    for await (const event of events) {
      if (event.kind !== "notice" || event.message.includes("steps")) kinds.push(event.kind);
    }
    assert.equal(kinds.filter((kind) => kind === "notice").length, notices);
    if (notices > 0) assert.equal(kinds.indexOf("notice"), learningCheckStep);
  });
}

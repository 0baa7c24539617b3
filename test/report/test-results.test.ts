import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { collectTestResults } from "#nin-cli/report/test-results.js";
import { device, mapNet, testedImages } from "./fixture.js";

/** A picture of the page, decoded again. */
async function decoded(uri: string) {
  assert.ok(uri.startsWith("data:image/png;base64,"));
  const image = sharp(Buffer.from(uri.slice("data:image/png;base64,".length), "base64"));
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { data, ...info };
}

test("shows the images that were judged, with maps whose averages are the scores", async () => {
  const net = mapNet();
  const { split, tested } = await testedImages(net, 60);
  const shown = await collectTestResults(net, split, tested, { device, preprocessing: { resize: 28 } });
  assert.equal(shown.scored, 60);
  assert.equal(shown.mistakes.length, 12);
  assert.ok(
    shown.mistakes.every(({ lossNats }, i) => i === 0 || lossNats <= shown.mistakes[i - 1]!.lossNats),
  );

  for (const mistake of shown.mistakes.slice(0, 2)) {
    const { data, width, height, channels } = await decoded(mistake.picture);
    assert.deepEqual([width, height], [28, 28]);
    const bytes = split.images.subarray(mistake.index * 784, (mistake.index + 1) * 784);
    assert.deepEqual(
      [...data].filter((_, i) => i % channels === 0),
      [...bytes],
    );
    assert.equal(split.labels[mistake.index], mistake.label);
    mistake.maps.forEach(({ score }, k) => {
      assert.ok(Math.abs(score - tested.scores[mistake.index * 10 + k]!) < 1e-5);
    });
    const overlay = await decoded(mistake.forPredicted!);
    assert.deepEqual([overlay.width, overlay.height, overlay.channels], [112, 112, 3]);
    const tile = await decoded(mistake.maps[mistake.predicted]!.picture);
    assert.deepEqual([tile.width, tile.height, tile.channels], [6, 6, 3]);
  }
});

test("a map's tile is black where nothing speaks for the class, and brightest where most does", async () => {
  const net = mapNet();
  const { split, tested } = await testedImages(net, 60);
  const { mistakes } = await collectTestResults(net, split, tested, {
    device,
    preprocessing: { resize: 28 },
  });
  const { maps } = mistakes[0]!;
  const colours = await Promise.all(maps.map(({ picture }) => decoded(picture)));
  const brightness = colours.map(({ data }) => data.reduce((sum, level) => sum + level, 0));
  const best = maps.reduce((most, { score }, k) => (score > maps[most]!.score ? k : most), 0);
  assert.equal(brightness.indexOf(Math.max(...brightness)), best);
  const shut = maps.findIndex(({ score }) => score === 0);
  if (shut >= 0) assert.ok(colours[shut]!.data.every((level) => level <= 4));
  const all = colours.flatMap(({ data }) => [...data]);
  assert.equal(Math.max(...all), 255);
});

test("correct ones are right and of their row's class", async () => {
  const net = mapNet();
  const { split, tested } = await testedImages(net, 60);
  const { correct } = await collectTestResults(net, split, tested, { device, preprocessing: { resize: 28 } });
  assert.equal(correct.length, 10);
  assert.ok(correct.flat().length > 0);
  correct.forEach((row, k) => {
    for (const { label, predicted, index } of row) {
      assert.deepEqual([label, predicted, split.labels[index]], [k, k, k]);
    }
  });
});

test("scores that are not numbers leave nothing to show, and nothing breaks", async () => {
  const net = mapNet();
  const { split, tested } = await testedImages(net, 20);
  const scores = new Float32Array(tested.scores.length).fill(Number.NaN);
  const shown = await collectTestResults(
    net,
    split,
    { ...tested, scores },
    { device, preprocessing: { resize: 28 } },
  );
  assert.deepEqual([shown.scored, shown.mistakes, shown.correct.flat()], [0, [], []]);
});

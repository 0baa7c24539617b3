import assert from "node:assert/strict";
import { test } from "node:test";
import { type CurvePoint, curvesSvg } from "#nin-cli/report/curves.js";

function point(epoch: number): CurvePoint {
  return { epoch, trainLossNats: 2 / epoch, trainAccuracy: 1 - 1 / (epoch + 1), testAccuracy: 0.5 };
}

/** The markers of one curve, as "x,y" in the plot. */
function markers(svg: string, curve: string): string[] {
  const group = svg.split('<g class="series"').find((part) => part.startsWith(` data-name="${curve}"`)) ?? "";
  return [...group.matchAll(/transform="translate\(([-\d.]+),([-\d.]+)\)"\/>/g)].map(
    ([, x, y]) => `${Math.round(Number(x))},${Math.round(Number(y))}`,
  );
}

test("draws three curves on a white background, with title, axes and legend", async () => {
  const svg = await curvesSvg([point(1), point(2), point(3)], { title: "NiN on X", subtitle: ["lr 0.1"] });
  assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.match(svg, /<rect[^>]* fill="white"/);
  for (const text of [
    "NiN on X",
    "lr 0.1",
    "epoch",
    "loss (nats)",
    "accuracy",
    "train loss",
    "train accuracy",
    "test accuracy",
  ]) {
    assert.ok(svg.includes(`>${text}</text>`), text);
  }
});

test("puts loss on the left axis and accuracy on the right one", async () => {
  // Loss 2 is the top of 0..2; 520 x 300 pixels, y downwards.
  const svg = await curvesSvg([point(1), point(2)], { title: "" });
  assert.deepEqual(markers(svg, "train loss"), ["0,0", "520,150"]);
  assert.deepEqual(markers(svg, "train accuracy"), ["0,150", "520,100"]);
  assert.deepEqual(markers(svg, "test accuracy"), ["0,150", "520,150"]);
});

test("shows a run of one epoch as points in the middle", async () => {
  const svg = await curvesSvg([point(1)], { title: "" });
  assert.deepEqual(markers(svg, "train loss"), ["260,0"]);
  assert.deepEqual(markers(svg, "test accuracy"), ["260,150"]);
});

test("leaves out a non-finite loss", async () => {
  const svg = await curvesSvg([point(1), { ...point(2), trainLossNats: Number.NaN }], { title: "" });
  assert.deepEqual(markers(svg, "train loss"), ["0,0"]);
  assert.equal(markers(svg, "test accuracy").length, 2);
  assert.doesNotMatch(svg, /NaN/);
});

test("takes a page's colours, and needs no title", async () => {
  const curves: [string, string, string] = ["var(--a)", "var(--b)", "var(--c)"];
  const colours = { background: "none", ink: "var(--ink)", grid: "var(--line)", curves };
  const svg = await curvesSvg([point(1), point(2)], { title: "", colours });
  for (const colour of [...curves, "var(--ink)", "var(--line)"])
    assert.ok(svg.includes(`"${colour}"`), colour);
  assert.doesNotMatch(svg, /#000|#888|"black"|"white"/);
});

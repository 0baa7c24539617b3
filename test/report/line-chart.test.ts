import assert from "node:assert/strict";
import { test } from "node:test";
import { type LineChart, lineChartSvg, type Point, type Series } from "#nin-cli/report/line-chart.js";

const colours = { background: "white", ink: "black", grid: "silver" };

function chartOf(series: Series, options: Partial<LineChart> = {}): Promise<string> {
  return lineChartSvg({
    title: "",
    x: { title: "epoch" },
    left: { title: "loss" },
    series: [series],
    colours,
    ...options,
  });
}

function seriesOf(points: readonly Point[]): Series {
  return { name: "train", points, colour: "teal" };
}

/** The corners of each line, as [x, y] in the plot of 520 x 300 pixels. */
function linesOf(svg: string): number[][][] {
  const [, d = ""] = /<path d="([^"]*)" fill="none" stroke="teal"/.exec(svg) ?? [];
  return d
    .split("M")
    .slice(1)
    .map((line) => line.split("L").map((corner) => corner.split(",").map(Number)));
}

function dotsOf(svg: string): number {
  return [...svg.matchAll(/transform="translate\([\d.,]+\)"\/>/g)].length;
}

test("a value that is not finite interrupts the line; a point alone between two is a dot", async () => {
  const ys = [4, 2, Number.NaN, 1, Number.POSITIVE_INFINITY, 0, 3];
  const svg = await chartOf(seriesOf(ys.map((y, x) => ({ x, y }))));
  assert.deepEqual(linesOf(svg), [
    [
      [0, 0],
      [86.67, 150],
    ],
    [
      [433.33, 300],
      [520, 75],
    ],
  ]);
  assert.equal(dotsOf(svg), 1);
  assert.doesNotMatch(svg, /NaN|Infinity/);
});

test("a hundred thousand steps are drawn with a few points a pixel, peaks included", async () => {
  const points = Array.from({ length: 100_000 }, (_, i) => ({ x: i / 10_000, y: 1 + Math.sin(i) / 2 }));
  points[43_210] = { x: 4.321, y: 10 };
  const svg = await chartOf(seriesOf(points));
  const [line] = linesOf(svg);
  assert.ok(line!.length <= 4 * 521, `${line!.length} points`);
  assert.deepEqual(
    line!.filter(([, y]) => y! < 200).map(([, y]) => y),
    [0],
  );
  assert.deepEqual([line![0]![0], line!.at(-1)![0]], [0, 520]);
  const xs = line!.map(([x]) => x!);
  assert.deepEqual(
    xs,
    xs.toSorted((a, b) => a - b),
  );
});

test("markers do not touch, however many points there are", async () => {
  const points = Array.from({ length: 300 }, (_, i) => ({ x: i + 1, y: 1 }));
  const marked = dotsOf(await chartOf({ ...seriesOf(points), marker: "circle" }));
  assert.ok(marked > 30 && marked <= 520 / 11 + 2, `${marked} markers`);
  assert.equal(dotsOf(await chartOf({ ...seriesOf(points.slice(0, 30)), marker: "circle" })), 30);
});

test("small and missing values have an axis of their own size", async () => {
  const tiny = await chartOf(seriesOf([1, 2, 3].map((x) => ({ x, y: 1e-4 * x }))));
  assert.deepEqual(linesOf(tiny), [
    [
      [0, 200],
      [260, 100],
      [520, 0],
    ],
  ]);
  assert.ok(tiny.includes(">0.00030</text>"));
  const none = await chartOf(seriesOf([{ x: 1, y: Number.NaN }]));
  assert.doesNotMatch(none, /NaN/);
  assert.ok(none.includes("train: no values."));
  assert.doesNotMatch(await chartOf(seriesOf([])), /NaN|Infinity/);
});

test("tells those who do not see it what it shows", async () => {
  const series = seriesOf([
    { x: 1, y: 2.29977 },
    { x: 2, y: 0.25 },
  ]);
  const [, label] = /role="img" aria-label="([^"]*)"/.exec(await chartOf(series, { title: "A & B" })) ?? [];
  assert.equal(
    label,
    "Line chart: A &amp; B. X axis: epoch, from 1 to 2. Y axis: loss, from 0 to 2.5. train: 2.3 to 0.25.",
  );
});

test("long titles are broken to the picture's width", async () => {
  const title = "Network in Network with batch normalisation on Fashion-MNIST, a third of its images";
  const svg = await chartOf(seriesOf([{ x: 1, y: 1 }]), { title });
  const lines = [...svg.matchAll(/font-size="15"[^>]*>([^<]*)</g)].map(([, text]) => text);
  assert.equal(lines.join(" "), title);
  assert.ok(lines.length > 1);
});

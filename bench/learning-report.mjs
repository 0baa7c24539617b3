// node bench/learning-report.mjs: what bench/learning.csv and bench/learning-start.csv hold, as the table and the
// pictures of docs/learning.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lineChartSvg } from "../packages/nin-cli/dist/report/line-chart.js";
import { tInterval } from "../packages/nin-cli/dist/statistics/t-interval.js";
import { root } from "./here.mjs";
import { markdownTable, withReport } from "./report.mjs";

const colours = { background: "white", ink: "black", grid: "#e4e4e4" };
/** Okabe & Ito's, which the colour-blind can tell apart, then the same dashed. */
const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999", "#000000"];
/** Held-out accuracy from which a run counts as having learned. */
const learnedFrom = 0.5;

const runs = rowsOf("learning.csv");
const starts = rowsOf("learning-start.csv");
const changes = Map.groupBy(runs, ({ change }) => change);

writeTable();
await drawLosses();
await drawStarts("variance", {
  title: "How much the activations of different images differ, before training",
  axis: "variance over images, logarithm to base 10",
  y: ({ variance }) => Math.log10(variance),
});
await drawStarts("angle", {
  title: "Angle between the activations of two images, before training",
  axis: "degrees, mean over pairs",
  y: ({ angleDegrees }) => Number(angleDegrees),
});

function rowsOf(name) {
  const lines = readFileSync(join(root, "bench", name), "utf8")
    .trimEnd()
    .split("\n");
  const [head, ...rows] = lines.filter((line) => !line.startsWith("#")).map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(head.map((column, i) => [column, row[i]])));
}

function writeTable() {
  const head = [
    "change of the recipe",
    "seeds",
    "learned",
    "held-out accuracy",
    "lowest",
    "left chance at step",
    "dead maps",
  ];
  const lines = [...changes].map(([change, rows]) => {
    // A run that diverged has what guessing gets.
    const accuracies = rows.map(({ heldOutAccuracy }) => Number(heldOutAccuracy) || 0.1);
    const learned = accuracies.filter((accuracy) => accuracy >= learnedFrom).length;
    return [
      change,
      rows.length,
      `${learned} of ${rows.length}`,
      interval(accuracies),
      Math.min(...accuracies).toFixed(3),
      leftChance(rows),
      (
        sum(rows.map(({ deadMapsByEpoch }) => Number(deadMapsByEpoch.split(" ").at(-1)))) / rows.length
      ).toFixed(1),
    ];
  });
  const { resize, images, epochs, batch } = runs[0];
  const about =
    `${images} training images, ${epochs} epochs at ${resize} pixels, batch ${batch}; accuracy on the 5,000 training images ` +
    `held out, with 95 % intervals of the mean over seeds. A run counts as learned from ${learnedFrom} up.`;
  const page = join(root, "docs", "learning.md");
  writeFileSync(
    page,
    withReport(
      readFileSync(page, "utf8"),
      "learning",
      [about, "", ...markdownTable(head, lines), ""].join("\n"),
    ),
  );
}

function interval(values) {
  if (values.length < 2) return values[0].toFixed(3);
  const { mean, high } = tInterval(values);
  return `${mean.toFixed(3)} ± ${(high - mean).toFixed(3)}`;
}

/** The range over the runs. */
function leftChance(rows) {
  const steps = rows.map(({ leftChanceAtStep }) => leftChanceAtStep);
  const left = steps
    .filter((step) => step !== "never")
    .map(Number)
    .sort((a, b) => a - b);
  const never = steps.length - left.length;
  const range =
    left.length === 0 ? "" : left[0] === left.at(-1) ? `${left[0]}` : `${left[0]} to ${left.at(-1)}`;
  return [range, never === 0 ? "" : never === steps.length ? "never" : `${never} never`]
    .filter(Boolean)
    .join(", ");
}

async function drawLosses() {
  const series = [...changes].map(([name, rows], i) => {
    const losses = rows.map(({ lossBy50Steps }) => lossBy50Steps.split(" ").map(Number));
    const length = Math.min(...losses.map((each) => each.length));
    const points = Array.from({ length }, (_, at) => ({
      x: 50 * at + 25,
      y: sum(losses.map((each) => each[at])) / losses.length,
    }));
    return { name, points, ...look(i) };
  });
  await draw("learning-losses", {
    title: "Training loss of the tutorial's network with one change at a time",
    subtitle: ["means over 50 steps and over the seeds"],
    x: { title: "step" },
    left: { title: "loss (nats)", domain: [0, 3] },
    series,
  });
}

async function drawStarts(name, { title, axis, y }) {
  const series = [...Map.groupBy(starts, ({ start }) => start)].map(([start, rows], i) => ({
    name: start,
    points: rows.map((row) => ({ x: Number(row.layer), y: y(row) })),
    ...look(i),
  }));
  await draw(`learning-${name}`, {
    title,
    x: { title: "layer (convolution, normalization if any, ReLU)", isWhole: true },
    left: { title: axis },
    series,
  });
}

async function draw(name, chart) {
  writeFileSync(join(root, "docs", `${name}.svg`), await lineChartSvg({ ...chart, colours }));
}

function look(i) {
  return { colour: palette[i % palette.length], width: 1.6, ...(i >= palette.length && { dash: [5, 3] }) };
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

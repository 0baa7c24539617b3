// node bench/learning-report.mjs: what bench/learning*.csv hold, as the tables and the pictures of docs/learning.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lineChartSvg } from "../packages/nin-cli/dist/report/line-chart.js";
import { tInterval } from "../packages/nin-cli/dist/statistics/t-interval.js";
import { root, writeReport } from "./here.mjs";
import { markdownTable } from "./report.mjs";

const colours = { background: "white", ink: "black", grid: "#e4e4e4" };
/** Okabe & Ito's, which the colour-blind can tell apart, then the same dashed. */
const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999", "#000000"];
/** Held-out accuracy from which a run counts as having learned. */
const learnedFrom = 0.5;

const runs = rowsOf("learning.csv");
const starts = rowsOf("learning-start.csv");
const groups = rowsOf("learning-groups.csv");
const epochs = rowsOf("learning-epochs.csv");
const smallest = Math.min(...runs.map(({ resize }) => Number(resize)));

writeTables();
await drawLosses();
await drawEpochs();
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

function writeTables() {
  const reports = { learning: bySize(runs).flatMap(tableOf), groups: groupsTable(), epochs: epochsTable() };
  for (const [name, lines] of Object.entries(reports)) {
    writeReport(name, "docs/learning.md", lines.join("\n"));
  }
}

/** Rows of each size of the images, the smallest first. */
function bySize(rows) {
  return [...Map.groupBy(rows, ({ resize }) => Number(resize))]
    .sort(([a], [b]) => a - b)
    .map(([, ofSize]) => ofSize);
}

/** A row for each size of the groups, a column for each size of the images. */
function groupsTable() {
  const sizes = bySize(groups);
  const head = ["images a group", ...sizes.map(([{ resize }]) => `${resize} pixels`)];
  const lines = byChange(groups).map(([change]) => [
    /\d+/.exec(change)[0],
    ...sizes.map((rows) =>
      interval(rows.filter((row) => row.change === change).map((row) => Number(row.heldOutAccuracy))),
    ),
  ]);
  const { images, epochs, batch } = groups[0];
  const seeds = new Set(groups.map(({ seed }) => seed)).size;
  const about =
    `${images} training images, ${epochs} epochs, batch ${batch}, ${seeds} seeds; accuracy on the 5,000 training ` +
    "images held out, with 95 % intervals of the mean.";
  return [about, "", ...markdownTable(head, lines), ""];
}

/** Runs of the robust preset, the largest images first. */
function epochsTable() {
  const robust = epochs.filter(({ recipe }) => recipe === "robust");
  const last = Math.max(...robust.map(({ epoch }) => Number(epoch)));
  const head = ["test accuracy after epoch", ...Array.from({ length: last }, (_, i) => i + 1)];
  const lines = [...Map.groupBy(robust, ({ resize, seed }) => `${resize} pixels, seed ${seed}`)].map(
    ([run, rows]) => [run, ...rows.map(({ testAccuracy }) => Number(testAccuracy).toFixed(3))],
  );
  return [...markdownTable(head, lines), ""];
}

function byChange(rows) {
  return [...Map.groupBy(rows, ({ change }) => change)];
}

function hasDiverged({ heldOutAccuracy }) {
  return heldOutAccuracy === "diverged";
}

function tableOf(ofSize) {
  const head = [
    "change of the recipe",
    "seeds",
    "learned",
    "held-out accuracy",
    "lowest",
    "left chance at step",
    "dead maps",
  ];
  const lines = byChange(ofSize).map(([change, rows]) => {
    // A run that diverged has what guessing gets.
    const accuracies = rows.map((row) => (hasDiverged(row) ? 0.1 : Number(row.heldOutAccuracy)));
    const learned = accuracies.filter((accuracy) => accuracy >= learnedFrom).length;
    return [
      change,
      rows.length,
      `${learned} of ${rows.length}`,
      interval(accuracies),
      Math.min(...accuracies).toFixed(3),
      leftChance(rows),
      deadMaps(rows),
    ];
  });
  const { resize, images, epochs, batch } = ofSize[0];
  const machines = [...new Set(ofSize.map(({ machine }) => machine.split(";")[0]))].join(" and ");
  const about =
    `At ${resize} pixels: ${images} training images, ${epochs} epochs, batch ${batch}, on ${machines}; accuracy on the ` +
    "5,000 training images held out, with 95 % intervals of the mean over seeds. A run counts as learned from " +
    `${learnedFrom} up.`;
  return [about, "", ...markdownTable(head, lines), ""];
}

/** After the last epoch, the mean over the runs that came to its end. */
function deadMaps(rows) {
  const counts = rows
    .filter((row) => !hasDiverged(row))
    .map(({ deadMapsByEpoch }) => Number(deadMapsByEpoch.split(" ").at(-1)));
  return counts.length === 0 ? "–" : (sum(counts) / counts.length).toFixed(1);
}

/** The mean, and its interval where there are more values than two, of which it would say nothing. */
function interval(values) {
  const mean = sum(values) / values.length;
  if (values.length < 3) return mean.toFixed(3);
  return `${mean.toFixed(3)} ± ${(tInterval(values).high - mean).toFixed(3)}`;
}

/** The range over the runs. */
function leftChance(rows) {
  if (rows.every(hasDiverged)) return "diverged";
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

/** Two pictures of the smallest size: of the changes with which every run learned, and of the others. */
async function drawLosses() {
  const small = runs.filter(({ resize }) => Number(resize) === smallest);
  const changes = byChange(small);
  const learns = ([, rows]) => rows.every(({ heldOutAccuracy }) => Number(heldOutAccuracy) >= learnedFrom);
  await drawLossesOf("learned", "Loss with changes that always learn", changes.filter(learns));
  await drawLossesOf(
    "stuck",
    "Loss with the others",
    changes.filter((each) => !learns(each)),
  );
}

async function drawLossesOf(name, title, changes) {
  const series = changes.flatMap(([change, rows]) => {
    const losses = rows
      .filter((row) => !hasDiverged(row))
      .map(({ lossBy50Steps }) => lossBy50Steps.split(" ").map(Number));
    if (losses.length === 0) return [];
    const points = losses[0].map((_, at) => ({
      x: 50 * at + 25,
      y: sum(losses.map((each) => each[at])) / losses.length,
    }));
    return [{ name: change, points }];
  });
  await draw(`learning-losses-${name}`, {
    title,
    subtitle: [`means over 50 training steps and over the seeds, at ${smallest} pixels`],
    x: { title: "step" },
    left: { title: "loss (nats)", domain: [0, 3] },
    series: series.map((each, i) => ({ ...each, ...look(i) })),
  });
}

/** The robust preset's runs beside the tutorial's at its size of images. */
async function drawEpochs() {
  const large = bySize(epochs).at(-1);
  const size = large[0].resize;
  const series = [...Map.groupBy(large, ({ recipe, seed }) => `${recipe}, seed ${seed}`)].map(
    ([name, rows], i) => ({
      name,
      points: rows.map(({ epoch, testAccuracy }) => ({ x: Number(epoch), y: Number(testAccuracy) })),
      ...look(i),
    }),
  );
  await draw("learning-epochs", {
    title: `Test accuracy of whole runs at ${size} pixels`,
    x: { title: "epoch", isWhole: true },
    left: { title: "test accuracy", domain: [0, 1] },
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

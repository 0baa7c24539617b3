// Which change of the tutorial's recipe lets its network learn, over several seeds: a run a row of bench/learning.csv.
//
//   npm run build && NIN_DATA_DIR=... node bench/learning.mjs --help
//
// Nothing is chosen on test images: the last 5,000 training images are held out, and accuracies are of these.
import { existsSync, readFileSync } from "node:fs";
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { aboutHere, checkBuilt, root, runWith } from "./here.mjs";
import { mends } from "./learning/mends.mjs";
import { wholeNumber } from "./options.mjs";

const help = `Usage: node bench/learning.mjs [options]

Trains the tutorial's network with each change of its recipe and each seed, and adds a row to the CSV after each run.
Rows that are there already are not run again.

Options:
  --only <names>   changes, with commas between them, or presets (default: all changes)
  --seeds <list>   1-20 or 1,2,3 (default: 1-3)
  --resize <n>     pixels (default: 67)
  --images <n>     training images (default: 12800)
  --epochs <n>     (default: 2)
  --batch <n>      images a step (default: 32)
  --threads <n>    (default: 2)
  --csv <file>     (default: bench/learning.csv)
  --help           print this help

Changes: ${Object.keys(mends).join("; ")}`;

const heldOut = 5_000;
/** Steps whose mean loss is one point of a run's curve. */
const pointSteps = 50;

const columns = [
  "change",
  "seed",
  "resize",
  "images",
  "epochs",
  "batch",
  "heldOutAccuracy",
  "trainAccuracy",
  "leftChanceAtStep",
  "deadMapsByEpoch",
  "heldOutAccuracyByEpoch",
  "lossBy50Steps",
  "seconds",
  "date",
  "commit",
  "machine",
];
const keyColumns = columns.slice(0, 6);

await runWith(readCommandLine, bench);

function readCommandLine(args) {
  const text = { type: "string" };
  const { values } = parseArgs({
    args,
    options: {
      only: text,
      seeds: text,
      resize: text,
      images: text,
      epochs: text,
      batch: text,
      threads: text,
      csv: text,
      help: { type: "boolean" },
    },
  });
  const whole = (name, fallback) => wholeNumber(name, values[name] ?? fallback);
  return {
    help: values.help ? help : undefined,
    only: values.only?.split(",").map((name) => name.trim()),
    seeds: seedsOf(values.seeds ?? "1-3"),
    resize: whole("resize", 67),
    images: whole("images", 12_800),
    epochs: whole("epochs", 2),
    batch: whole("batch", 32),
    threads: whole("threads", 2),
    csv: values.csv ?? join(root, "bench", "learning.csv"),
  };
}

function seedsOf(list) {
  return list.split(",").flatMap((part) => {
    const [first, last = first] = part.split("-").map((end) => wholeNumber("seeds", end));
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

async function bench({ only, seeds, threads, csv, ...sizes }) {
  checkBuilt();
  const { openDevice } = await import("../packages/nin-net/dist/backends/devices.js");
  const { loadDataset } = await import("../packages/nin-net/dist/data/load-dataset.js");
  const { presets } = await import("../packages/nin-net/dist/train/recipe.js");
  const changes = (only ?? Object.keys(mends)).map((name) => [name, recipeOf(name, presets)]);
  const dataset = await loadDataset("fashion-mnist", { download: false });
  const here = await aboutHere();
  const done = await doneRuns(csv);
  using device = await openDevice("cpu", { threads });
  for (const seed of seeds) {
    for (const [change, recipe] of changes) {
      const run = { change, seed, ...sizes };
      if (done.has(keyOf(run))) continue;
      const row = { ...run, ...(await trainOnce({ ...recipe, seed }, sizes, dataset, device)), ...here };
      await appendFile(csv, `${columns.map((column) => withoutCommas(row[column])).join(",")}\n`);
      console.log(`${change}, seed ${seed}: ${row.heldOutAccuracy} in ${row.seconds} s`);
    }
  }
}

function recipeOf(name, presets) {
  if (Object.hasOwn(presets, name)) return presets[name];
  if (Object.hasOwn(mends, name)) return { ...presets.tutorial, ...mends[name] };
  throw new Error(`There is no change "${name}". Choose one of those that --help lists.`);
}

async function trainOnce(recipe, { resize, images, epochs, batch }, dataset, device) {
  const { createModel } = await import("../packages/nin-net/dist/models/models.js");
  const { train } = await import("../packages/nin-net/dist/train/train.js");
  const { learning, chosen } = await splits(recipe, { resize, images, batch }, dataset);
  const net = createModel(recipe.net, dataset.image, { seed: recipe.seed, ...recipe.netOptions });
  const settings = { ...recipe, resize, epochs, batchSize: batch, limit: images };
  const losses = [];
  const accuracies = [];
  const deadMaps = [];
  let trainAccuracy = 0;
  const before = performance.now();
  const callbacks = [{ onEvaluation: ({ evaluation }) => deadMaps.push(evaluation.silentClasses.length) }];
  for await (const event of train(net, learning, chosen, settings, { device, callbacks })) {
    if (event.kind === "step") losses.push(event.batchLossNats);
    if (event.kind === "epoch") {
      accuracies.push(event.testAccuracy.toFixed(4));
      trainAccuracy = event.trainAccuracy;
    }
  }
  const points = means(losses, pointSteps);
  const left = points.findIndex((loss) => loss < 0.98 * Math.log(dataset.classes.length));
  return {
    heldOutAccuracy: accuracies.at(-1) ?? "diverged",
    trainAccuracy: trainAccuracy.toFixed(4),
    leftChanceAtStep: left < 0 ? "never" : left * pointSteps,
    deadMapsByEpoch: deadMaps.join(" "),
    heldOutAccuracyByEpoch: accuracies.join(" "),
    lossBy50Steps: points.map((loss) => loss.toFixed(3)).join(" "),
    seconds: Math.round((performance.now() - before) / 1000),
  };
}

/** The first training images to learn from, the last ones to judge by. */
async function splits({ seed, mean, std }, { resize, images, batch }, { train }) {
  const { DataIterator } = await import("../packages/nin-net/dist/data/data-iterator.js");
  const size = train.channels * train.height * train.width;
  const part = (from, to) => ({
    ...train,
    images: train.images.subarray(from * size, to * size),
    labels: train.labels.subarray(from, to),
    count: to - from,
  });
  const kept = train.count - heldOut;
  if (images > kept) throw new Error(`--images: got ${images}, expected at most ${kept}.`);
  const options = { batchSize: batch, resize, mean, std };
  return {
    learning: new DataIterator(part(0, kept), { ...options, shuffle: true, seed, limit: images }),
    chosen: new DataIterator(part(kept, train.count), options),
  };
}

function means(values, size) {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => {
    const part = values.slice(i * size, (i + 1) * size);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

async function doneRuns(csv) {
  if (!existsSync(csv)) await writeFile(csv, `${columns.join(",")}\n`);
  const rows = readFileSync(csv, "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((row) => row.split(","));
  return new Set(rows.map((row) => keyOf(Object.fromEntries(columns.map((name, i) => [name, row[i]])))));
}

function keyOf(run) {
  return keyColumns.map((column) => run[column]).join("|");
}

/** No value has a comma, so that a row needs no quotes. */
function withoutCommas(value) {
  return String(value).replaceAll(",", ";");
}

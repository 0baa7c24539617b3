// What each change of a recipe does, over several seeds: a run a row of bench/learning.csv (the tutorial's),
// bench/learning-groups.csv, bench/learning-fast.csv or bench/learning-large.csv.
//
//   npm run build && NIN_DATA_DIR=... node bench/learning.mjs --help
//
// Nothing is chosen on test images: the last 5,000 training images are held out, and accuracies are of these.
import { existsSync, readFileSync } from "node:fs";
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { aboutHere, checkBuilt, root, runWith } from "./here.mjs";
import { changes } from "./learning/changes.mjs";
import { wholeNumber } from "./options.mjs";

/** The preset that a study's runs change, and what they have where the options say nothing, else the preset's. */
const studies = {
  tutorial: { preset: "tutorial", csv: "learning.csv", resize: 67, images: 12_800, epochs: 2, batch: 32 },
  groups: { preset: "robust", csv: "learning-groups.csv", resize: 67, images: 12_800, epochs: 2 },
  fast: { preset: "fast", csv: "learning-fast.csv", images: 55_000 },
  large: { preset: "fast", csv: "learning-large.csv", images: 55_000, epochs: 16, batch: 128 },
};

const help = `Usage: node bench/learning.mjs [options]

Trains a network with each change of a recipe and each seed, and adds a row to the CSV after each run. Rows that are
there already are not run again.

Options:
  --study <name>   what is changed: tutorial; groups, robust's groups of a batch normalization; fast; or large,
                   fast's network in larger, for longer (default: tutorial)
  --only <names>   changes, with commas between them, or presets (default: all changes)
  --seeds <list>   1-20 or 1,2,3 (default: 1-3)
  --resize <n>     pixels (default: 67; fast and large: the stored size)
  --images <n>     training images (default: 12800; fast and large: 55000)
  --epochs <n>     (default: 2; fast: the recipe's; large: 16)
  --batch <n>      images a step (default: 32; groups and fast: the recipe's; large: 128)
  --device <name>  cpu or gpu (default: cpu)
  --threads <n>    of the CPU (default: 2)
  --csv <file>     (default: bench/learning.csv, or learning-groups.csv and so on)
  --help           print this help

${Object.entries(changes)
  .map(([study, each]) => `Changes in ${study}: ${Object.keys(each).join("; ")}`)
  .join("\n\n")}`;

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
      study: text,
      only: text,
      seeds: text,
      resize: text,
      images: text,
      epochs: text,
      batch: text,
      device: text,
      threads: text,
      csv: text,
      help: { type: "boolean" },
    },
  });
  const study = values.study ?? "tutorial";
  if (!Object.hasOwn(studies, study)) {
    throw new Error(`--study: got "${study}", expected one of ${Object.keys(studies).join(", ")}.`);
  }
  const { preset, csv, ...usual } = studies[study];
  const device = values.device ?? "cpu";
  if (!["cpu", "gpu"].includes(device)) throw new Error(`--device: got "${device}", expected cpu or gpu.`);
  const whole = (name) => {
    const value = values[name] ?? usual[name];
    return value === undefined ? undefined : wholeNumber(name, value);
  };
  return {
    help: values.help ? help : undefined,
    study,
    preset,
    only: values.only?.split(",").map((name) => name.trim()),
    seeds: seedsOf(values.seeds ?? "1-3"),
    resize: whole("resize"),
    images: whole("images"),
    epochs: whole("epochs"),
    batch: whole("batch"),
    device,
    threads: wholeNumber("threads", values.threads ?? 2),
    csv: values.csv ?? join(root, "bench", csv),
  };
}

function seedsOf(list) {
  return list.split(",").flatMap((part) => {
    const [first, last = first] = part.split("-").map((end) => wholeNumber("seeds", end));
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

async function bench({ study, preset, only, seeds, device: deviceName, threads, csv, ...given }) {
  checkBuilt();
  const { openDevice } = await import("../packages/nin-net/dist/backends/devices.js");
  const { loadDataset } = await import("../packages/nin-net/dist/data/load-dataset.js");
  const { presets } = await import("../packages/nin-net/dist/train/recipe.js");
  const chosen = (only ?? Object.keys(changes[study])).map((name) => [
    name,
    recipeOf(name, { study, preset, presets, ...given }),
  ]);
  const dataset = await loadDataset("fashion-mnist", { download: false });
  const done = await doneRuns(csv);
  using device = await openDevice(deviceName, deviceName === "cpu" ? { threads } : {});
  const here = await aboutHere();
  if (deviceName === "gpu") here.machine = device.description;
  for (const seed of seeds) {
    for (const [change, recipe] of chosen) {
      const { resize, limit, epochs, batchSize } = recipe;
      const run = { change, seed, resize: resize ?? "stored", images: limit, epochs, batch: batchSize };
      if (done.has(keyOf(run))) continue;
      const row = { ...run, ...(await trainOnce({ ...recipe, seed }, dataset, device)), ...here };
      await appendFile(csv, `${columns.map((column) => withoutCommas(row[column])).join(",")}\n`);
      console.log(`${change}, seed ${seed}: ${row.heldOutAccuracy} in ${row.seconds} s`);
    }
  }
}

function recipeOf(name, { study, preset, presets, resize, images, epochs, batch }) {
  const sizes = Object.entries({ resize, limit: images, epochs, batchSize: batch });
  const given = Object.fromEntries(sizes.filter(([, value]) => value !== undefined));
  if (Object.hasOwn(changes[study], name)) return { ...presets[preset], ...changes[study][name], ...given };
  if (Object.hasOwn(presets, name)) return { ...presets[name], ...given };
  throw new Error(`--only: got "${name}", expected changes in ${study} or presets. --help lists them.`);
}

async function trainOnce(recipe, dataset, device) {
  const { createModel } = await import("../packages/nin-net/dist/models/models.js");
  const { initialiseByData } = await import("../packages/nin-net/dist/train/initialise-by-data.js");
  const { train } = await import("../packages/nin-net/dist/train/train.js");
  const { learning, chosen } = await splits(recipe, dataset);
  const net = createModel(recipe.net, dataset.image, { seed: recipe.seed, ...recipe.netOptions });
  if (recipe.netOptions.init === "data") {
    const [[images]] = learning.batches(0);
    await initialiseByData(net, images, { device });
  }
  const losses = [];
  const accuracies = [];
  const deadMaps = [];
  let trainAccuracy = 0;
  const before = performance.now();
  const callbacks = [{ onEvaluation: ({ evaluation }) => deadMaps.push(evaluation.silentClasses.length) }];
  for await (const event of train(net, learning, chosen, recipe, { device, callbacks })) {
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
async function splits({ seed, mean, std, resize, limit, batchSize }, { train }) {
  const { DataIterator } = await import("../packages/nin-net/dist/data/data-iterator.js");
  const size = train.channels * train.height * train.width;
  const part = (from, to) => ({
    ...train,
    images: train.images.subarray(from * size, to * size),
    labels: train.labels.subarray(from, to),
    count: to - from,
  });
  const kept = train.count - heldOut;
  if (limit > kept) throw new Error(`--images: got ${limit}, expected at most ${kept}.`);
  const options = { batchSize, resize, mean, std };
  return {
    learning: new DataIterator(part(0, kept), { ...options, shuffle: true, seed, limit }),
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

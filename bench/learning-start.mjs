// What the first weights do to images, layer by layer, before any step: variance of the activations, angle between
// images, share of zeros. Written into bench/learning-start.csv; `node bench/learning-report.mjs` draws it.
//
//   npm run build && NIN_DATA_DIR=... node bench/learning-start.mjs --help
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { aboutHere, checkBuilt, root, runWith } from "./here.mjs";
import { starts } from "./learning/starts.mjs";
import { wholeNumber } from "./options.mjs";

const help = `Usage: node bench/learning-start.mjs [options]

Sends images through the tutorial's network as it begins, with each change that alters its beginning, and writes a row
for each layer with a ReLU: means over the seeds.

Options:
  --seeds <n>    seeds 1 to n (default: 5)
  --images <n>   held-out training images (default: 64)
  --resize <n>   pixels (default: 67)
  --threads <n>  (default: 2)
  --csv <file>   (default: bench/learning-start.csv)
  --help         print this help

Beginnings: ${Object.keys(starts).join("; ")}`;

const heldOut = 5_000;
const columns = ["start", "layer", "variance", "angleDegrees", "zeros", "deadChannels"];

await runWith(readCommandLine, bench);

function readCommandLine(args) {
  const text = { type: "string" };
  const { values } = parseArgs({
    args,
    options: { seeds: text, images: text, resize: text, threads: text, csv: text, help: { type: "boolean" } },
  });
  const whole = (name, fallback) => wholeNumber(name, values[name] ?? fallback);
  return {
    help: values.help ? help : undefined,
    seeds: whole("seeds", 5),
    images: whole("images", 64),
    resize: whole("resize", 67),
    threads: whole("threads", 2),
    csv: values.csv ?? join(root, "bench", "learning-start.csv"),
  };
}

async function bench({ seeds, images, resize, threads, csv }) {
  checkBuilt();
  const { openDevice } = await import("../packages/nin-net/dist/backends/devices.js");
  const { loadDataset } = await import("../packages/nin-net/dist/data/load-dataset.js");
  const dataset = await loadDataset("fashion-mnist", { download: false });
  using device = await openDevice("cpu", { threads });
  const rows = [];
  for (const [name, start] of Object.entries(starts)) {
    const sums = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const net = await begun(start, { seed, resize, dataset, device });
      const layers = await statistics(net, imagesFor(start, dataset, images, resize), device);
      for (const [i, layer] of layers.entries())
        sums[i] = layer.map((value, k) => value + (sums[i]?.[k] ?? 0));
    }
    for (const [i, values] of sums.entries())
      rows.push([name, i + 1, ...values.map((sum) => short(sum / seeds))]);
    console.log(`${name}: variance ${rows.at(-1)[2]} and ${rows.at(-1)[3]} degrees after the last layer`);
  }
  const { date, commit, machine } = await aboutHere();
  const about = `# ${seeds} seeds, ${images} images at ${resize} pixels, ${date}, ${commit}, ${machine}`;
  writeFileSync(csv, `${[about, columns.join(","), ...rows.map((row) => row.join(","))].join("\n")}\n`);
}

async function begun({ netOptions = {}, mean = null, std = null }, { seed, resize, dataset, device }) {
  const { createModel } = await import("../packages/nin-net/dist/models/models.js");
  const { DataIterator } = await import("../packages/nin-net/dist/data/data-iterator.js");
  const { initialiseByData } = await import("../packages/nin-net/dist/train/initialise-by-data.js");
  const net = createModel("nin", dataset.image, { seed, ...netOptions });
  if (netOptions.init !== "data") return net;
  const batches = new DataIterator(dataset.train, { batchSize: 32, resize, mean, std, shuffle: true, seed });
  const [[first]] = batches.batches(0);
  await initialiseByData(net, first, { device });
  return net;
}

/** [N, C, H, W], of the last training images, from which nothing learns. */
function imagesFor({ mean = null, std = null }, { train }, count, resize) {
  const size = train.channels * train.height * train.width;
  const from = train.count - heldOut;
  return {
    bytes: train.images.subarray(from * size, (from + count) * size),
    image: train,
    resize,
    mean,
    std,
  };
}

/** Of each layer with a ReLU, in the order of the data: the columns from `variance` on. */
async function statistics(net, { bytes, image, resize, mean, std }, device) {
  const { preprocessImages } = await import("../packages/nin-net/dist/data/preprocess-images.js");
  const count = bytes.length / (image.channels * image.height * image.width);
  let x = {
    shape: [count, image.channels, resize, resize],
    data: preprocessImages(bytes, image, { resize: [resize, resize], mean, std }),
  };
  const found = [];
  for (const layer of leaves(net)) {
    // Dropout would hide what the weights do.
    if (layer.kind === "Dropout") continue;
    x = await layer.forward(x, { device, mode: "train" });
    layer.free();
    if (layer.kind === "ReLU") found.push(statisticsOf(x));
  }
  return found;
}

function leaves(layer) {
  return layer.children.length === 0 ? [layer] : layer.children.flatMap(leaves);
}

/** @param x - [N, C, H, W] */
function statisticsOf({ shape, data }) {
  const [count, channels] = shape;
  const size = data.length / count;
  const pixels = size / channels;
  let zeros = 0;
  let dead = 0;
  for (let channel = 0; channel < channels; channel++) {
    let own = 0;
    for (let n = 0; n < count; n++) {
      const from = n * size + channel * pixels;
      for (let i = from; i < from + pixels; i++) if (data[i] === 0) own++;
    }
    zeros += own;
    if (own === count * pixels) dead++;
  }
  return [varianceOverImages(data, count), meanAngle(data, count), zeros / data.length, dead / channels];
}

/** Of each value over the images, and the mean of these: what tells images apart. */
function varianceOverImages(data, count) {
  const size = data.length / count;
  let sum = 0;
  for (let i = 0; i < size; i++) {
    let [first, second] = [0, 0];
    for (let n = 0; n < count; n++) first += data[n * size + i];
    for (let n = 0; n < count; n++) second += (data[n * size + i] - first / count) ** 2;
    sum += second / count;
  }
  return sum / size;
}

/** Between the activations of two images, in degrees, over all pairs; 0 where an image has none. */
function meanAngle(data, count) {
  const size = data.length / count;
  const of = (n) => data.subarray(n * size, (n + 1) * size);
  const norms = Array.from({ length: count }, (_, n) => Math.sqrt(dot(of(n), of(n))));
  let sum = 0;
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < a; b++) {
      const norm = norms[a] * norms[b];
      if (norm > 0) sum += Math.acos(Math.min(1, dot(of(a), of(b)) / norm));
    }
  }
  return ((180 / Math.PI) * sum) / ((count * (count - 1)) / 2);
}

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function short(value) {
  return Number(value.toPrecision(4));
}

// A contestant is a process: it says "ready", and for each line "go" measures once and prints one JSON line.
// Only one contestant is told to go at a time, so that the others do not compute beside it.
import { createInterface } from "node:readline";

/** The rest of the command line as numbers and words: --batch 128 --threads 2 -> { batch: 128, threads: 2 }. */
export function readOptions() {
  const words = process.argv.slice(2);
  const options = {};
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1];
    options[words[i].slice(2)] = Number.isNaN(Number(value)) ? value : Number(value);
  }
  return options;
}

/** @param measure - measures once; the object that it gives is printed, with the peak memory so far */
export async function serve(measure) {
  console.log(JSON.stringify({ ready: true }));
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== "go") break;
    const result = await measure();
    console.log(JSON.stringify({ ...result, peakBytes: 1024 * process.resourceUsage().maxRSS }));
  }
  process.exit(0);
}

/** Images a second of one call that works on so many images. */
export async function timed(images, work) {
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  return { imagesPerSecond: images / seconds, seconds };
}

/** Real images where there are some, else drawn ones: bytes, images x 28 x 28, and labels. */
export async function someImages(count) {
  const { loadDataset } = await import("../../dist/data/load-dataset.js");
  const name = process.env.NIN_DATA_DIR ? "fashion-mnist" : "drawn";
  const { train } = await loadDataset(name, { download: false });
  return { pixels: train.images.slice(0, count * 784), labels: train.labels.slice(0, count) };
}

// A contestant is a process. When it is ready it prints a JSON line that says what it is; then, for each line "go", it
// measures once and prints another. One contestant at a time is told to go, so that the others do not compute.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** Runs shorter than this are repeated, and their mean is taken. */
const defaultSeconds = 0.3;
const numbers = ["batch", "threads", "resize", "seconds", "lr"];

/** The command line: --batch 128 --model a.onnx -> { batch: 128, model: "a.onnx" }. */
export function readOptions() {
  const words = process.argv.slice(2);
  const options = {};
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i].slice(2);
    options[name] = numbers.includes(name) ? Number(words[i + 1]) : words[i + 1];
  }
  return options;
}

/**
 * @param device - what computes, in words
 * @param measure - measures once; what it gives is printed with the peak memory so far
 */
export async function serve(device, measure) {
  console.log(JSON.stringify({ device, node: process.version }));
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== "go") break;
    const result = await measure();
    console.log(JSON.stringify({ ...result, peakBytes: 1024 * process.resourceUsage().maxRSS }));
  }
  process.exit(0);
}

/** Images a second of a call that works on so many images. */
export async function timed(images, work, how = {}) {
  const seconds = await meanSeconds(work, how);
  return { imagesPerSecond: images / seconds };
}

/** Arithmetic operations a second of a call that does so many, in billions. */
export async function timedFlops(flops, work) {
  return { gflops: flops / (await meanSeconds(work)) / 1e9 };
}

/**
 * @param seconds - calls shorter than this are repeated
 * @param ahead - how many calls may be under way besides the oldest
 */
async function meanSeconds(work, { seconds = defaultSeconds, ahead = 0 } = {}) {
  const began = performance.now();
  const underWay = [];
  let runs = 0;
  do {
    underWay.push(work());
    runs++;
    if (underWay.length > ahead) await underWay.shift();
  } while (performance.now() - began < 1000 * seconds);
  await Promise.all(underWay);
  return (performance.now() - began) / 1000 / runs;
}

/** The images that everyone gets: count x 28 x 28 bytes, then count labels. */
export function readImages(file, count) {
  const bytes = new Uint8Array(readFileSync(file));
  const stored = bytes.length / 785;
  return { pixels: bytes.slice(0, 784 * count), labels: bytes.slice(784 * stored, 784 * stored + count) };
}

/**
 * The same at a multiple of 28 x 28 pixels, in 0..1: each pixel several times in each direction, since the time does not
 * depend on it.
 */
export function enlargedImages(file, count, size = 224) {
  const { pixels } = readImages(file, count);
  const times = size / 28;
  return Float32Array.from({ length: count * size * size }, (_, i) => {
    const [y, x] = [Math.floor(i / size) % size, i % size];
    const from = 784 * Math.floor(i / size / size) + 28 * Math.floor(y / times) + Math.floor(x / times);
    return pixels[from] / 255;
  });
}

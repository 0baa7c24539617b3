import { pauses } from "../../core/pauses.ts";
import { Purpose, RandomStream } from "../../core/random.ts";
import type { Dataset } from "../dataset.ts";
import { defineDataset, type GeneratedImages } from "../definition.ts";
import { type ByteSplit, encodeIdx } from "../formats/idx.ts";
import { Canvas, canvasSize, type Point } from "../synthetic/canvas.ts";
import { garments } from "../synthetic/garments.ts";
import { RandomValues } from "../synthetic/random-values.ts";
import { fashionMnist } from "./fashion-mnist.ts";

/** Garments drawn by the program, in the classes of Fashion-MNIST, for demonstrations and tests without files. */
export const synthetic = defineDataset("synthetic", {
  kind: "generated",
  aliases: ["drawn"],
  title: "synthetic garments",
  caveat: "synthetic, not Fashion-MNIST",
  image: { channels: 1, height: canvasSize, width: canvasSize, classes: garments.length },
  classes: fashionMnist.classes,
  mean: [0.137836],
  std: [0.23292],
  preparation: "garment",
  generate: () => generate(0),
});

const trainCount = 6_000;
const testCount = 1_000;

/**
 * Draws 6,000 training and 1,000 test images in the ten classes of Fashion-MNIST, as many of each class.
 *
 * @param seed - the same seed gives the same bytes
 */
export async function syntheticDataset(seed = 0): Promise<Dataset> {
  const { name, title, image, classes, mean, std } = synthetic;
  return { name, title, image, classes, mean, std, synthetic: true, ...(await generate(seed)) };
}

async function generate(seed: number): Promise<GeneratedImages> {
  const train = await drawnBetweenTasks(seed, 0, trainCount);
  const test = await drawnBetweenTasks(seed, 1, testCount);
  return { train, test, source: "generated", checksum: await checksumOf([train, test]) };
}

/**
 * Draws one split, all at once.
 *
 * @param part - splits with different numbers have no image in common
 */
export function syntheticSplit(seed: number, part: number, count: number): ByteSplit {
  const drawing = drawSplit(seed, part, count);
  for (;;) {
    const { done, value } = drawing.next();
    if (done) return value;
  }
}

/** {@link syntheticSplit} that lets signals and timers in: thousands of images take a second or more. */
async function drawnBetweenTasks(seed: number, part: number, count: number): Promise<ByteSplit> {
  const drawing = drawSplit(seed, part, count);
  const pause = pauses();
  for (;;) {
    const { done, value } = drawing.next();
    if (done) return value;
    const paused = pause();
    if (paused) await paused;
  }
}

/** Draws one split, an image a step. */
function* drawSplit(seed: number, part: number, count: number): Generator<undefined, ByteSplit> {
  const imageBytes = canvasSize * canvasSize;
  const images = new Uint8Array(count * imageBytes);
  const order = new RandomStream(seed, Purpose.draw, 0xffffffff, part).permutation(count);
  const labels = Uint8Array.from(order, (place) => place % garments.length);
  for (let i = 0; i < count; i++) {
    const random = new RandomValues(new RandomStream(seed, Purpose.draw, i, part));
    images.set(drawGarment(labels[i]!, random), i * imageBytes);
    yield;
  }
  return { images, labels, count, channels: 1, height: canvasSize, width: canvasSize };
}

/** One image of a class: its parts placed, coloured, textured, and made grainy as a photograph is. */
function drawGarment(label: number, random: RandomValues): Uint8Array {
  const place = drawPlacement(random);
  const cloth = random.between(70, 235);
  const canvas = new Canvas();
  for (const { outline, shade } of garments[label]!(random)) {
    canvas.fill(outline.map(place), Math.min(shade * cloth, 255));
  }
  const { values } = canvas;
  paintTexture(values, random);
  return addGrain(values, random);
}

/** Uneven brightness, as in a photograph, rounded to grey levels. */
function addGrain(values: Float32Array, random: RandomValues): Uint8Array {
  const grain = random.between(0.02, 0.18);
  const levels = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i += 4) {
    const word = random.word();
    for (let k = 0; k < 4; k++) {
      const noise = ((word >>> (8 * k)) & 0xff) / 127.5 - 1;
      levels[i + k] = values[i + k]! * (1 + grain * noise);
    }
  }
  return new Uint8Array(levels.buffer);
}

/** A slight change of size, angle and position. */
function drawPlacement(random: RandomValues): (point: Point) => Point {
  const [wide, high] = [random.between(0.82, 1.04), random.between(0.84, 1.04)];
  const angle = random.between(-0.09, 0.09);
  const [right, down] = [random.between(-1.2, 1.2), random.between(-1.2, 1.2)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return ([x, y]) => [wide * x * cos - high * y * sin + right, wide * x * sin + high * y * cos + down];
}

/** Darkens the cloth here and there: folds everywhere, on some cloth stripes or checks as well. */
function paintTexture(values: Float32Array, random: RandomValues): void {
  paintWaves(values, random, {
    depth: random.between(0.02, 0.2),
    period: random.between(5, 16),
    angle: random.between(0, Math.PI),
  });
  const depth = random.between(0.15, 0.5);
  const period = random.between(2.5, 6);
  const pattern = random.between(0, 1);
  const upright = pattern < 0.3;
  const level = pattern >= 0.15 && pattern < 0.45;
  if (upright) paintWaves(values, random, { depth, period, angle: 0 });
  if (level) paintWaves(values, random, { depth, period, angle: Math.PI / 2 });
}

/** Multiplies by 1 - depth .. 1, in waves of `period` pixels along the direction `angle`, in radians. */
function paintWaves(
  values: Float32Array,
  random: RandomValues,
  { depth, period, angle }: { depth: number; period: number; angle: number },
): void {
  const start = random.between(0, 2 * Math.PI);
  const stepX = (Math.cos(angle) * 2 * Math.PI) / period;
  const stepY = (Math.sin(angle) * 2 * Math.PI) / period;
  const places = Array.from({ length: canvasSize }, (_, i) => i);
  const columns = places.map((x) => [Math.sin(x * stepX), Math.cos(x * stepX)] as const);
  const rows = places.map((y) => [Math.sin(y * stepY + start), Math.cos(y * stepY + start)] as const);
  let at = 0;
  for (const [sinY, cosY] of rows) {
    for (const [sinX, cosX] of columns) {
      values[at++]! *= 1 - (depth * (1 + sinX * cosY + cosX * sinY)) / 2; // sin(x + y), without a sine a pixel
    }
  }
}

/** SHA-256 over the idx files that these splits would be; Web Crypto, as there is no node:crypto in a browser. */
async function checksumOf(splits: readonly ByteSplit[]): Promise<string> {
  const files = splits.flatMap(({ images, labels }) => [
    encodeIdx(images, "images", { height: canvasSize, width: canvasSize }),
    encodeIdx(labels, "labels"),
  ]);
  const hash = await crypto.subtle.digest(
    "SHA-256",
    await new Blob(files as Uint8Array<ArrayBuffer>[]).arrayBuffer(),
  );
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

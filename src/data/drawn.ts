/** `drawn`: garments drawn on the spot, for demonstrations and tests without files. */
import { Purpose, RandomStream } from "../base/random.ts";
import { catalogue } from "./catalogue.ts";
import { classCount, type Dataset, imageSize, type Split } from "./dataset.ts";
import { Dice } from "./dice.ts";
import { DrawCanvas, type Point } from "./draw-canvas.ts";
import { garments } from "./garments.ts";
import { encodeIdx } from "./idx.ts";

const trainCount = 6_000;
const testCount = 1_000;

/**
 * Draws 6,000 training and 1,000 test images in the ten classes of Fashion-MNIST, as many of each class.
 *
 * @param seed - the same seed gives the same bytes
 */
export async function drawDataset(seed = 0): Promise<Dataset> {
  const train = drawSplit(seed, 0, trainCount);
  const test = drawSplit(seed, 1, testCount);
  return {
    name: "drawn",
    title: "drawn garments",
    classes: catalogue["fashion-mnist"].classes,
    train,
    test,
    source: "drawn on the spot",
    checksum: await checksumOf([train, test]),
  };
}

/**
 * Draws one split.
 *
 * @param part - splits with different numbers have no image in common
 */
export function drawSplit(seed: number, part: number, count: number): Split {
  const imageBytes = imageSize * imageSize;
  const images = new Uint8Array(count * imageBytes);
  const order = new RandomStream(seed, Purpose.draw, 0xffffffff, part).permutation(count);
  const labels = Uint8Array.from(order, (place) => place % classCount);
  for (let i = 0; i < count; i++) {
    const dice = new Dice(new RandomStream(seed, Purpose.draw, i, part));
    images.set(drawGarment(labels[i]!, dice), i * imageBytes);
  }
  return { images, labels, count, height: imageSize, width: imageSize };
}

/** One image of a class: its parts placed, coloured, textured, and made grainy as a photograph is. */
function drawGarment(label: number, dice: Dice): Uint8Array {
  const place = drawPlacement(dice);
  const cloth = dice.between(70, 235);
  const canvas = new DrawCanvas();
  for (const { outline, shade } of garments[label]!(dice)) {
    canvas.fill(outline.map(place), Math.min(shade * cloth, 255));
  }
  const texture = drawTexture(dice);
  const grain = dice.between(0.02, 0.18);
  let word = 0;
  return Uint8Array.from(canvas.values, (value, i) => {
    if (i % 4 === 0) word = dice.word();
    const noise = ((word >>> (8 * (i % 4))) & 0xff) / 127.5 - 1;
    const lit = value * texture(i % imageSize, Math.floor(i / imageSize)) * (1 + grain * noise);
    return Math.min(Math.max(Math.round(lit), 0), 255);
  });
}

/** A slight change of size, angle and position. */
function drawPlacement(dice: Dice): (point: Point) => Point {
  const [wide, high] = [dice.between(0.82, 1.04), dice.between(0.84, 1.04)];
  const angle = dice.between(-0.09, 0.09);
  const [right, down] = [dice.between(-1.2, 1.2), dice.between(-1.2, 1.2)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return ([x, y]) => [wide * x * cos - high * y * sin + right, wide * x * sin + high * y * cos + down];
}

/** Brightness over the image, as a factor: folds everywhere, on some cloth a pattern as well. */
function drawTexture(dice: Dice): (x: number, y: number) => number {
  const folds = wave(dice, dice.between(0.02, 0.18), dice.between(5, 16), dice.between(0, Math.PI));
  const pattern = dice.between(0, 1);
  const depth = dice.between(0.15, 0.5);
  const period = dice.between(2.5, 6);
  const across = pattern > 0.55 ? wave(dice, depth, period, 0) : null;
  const along =
    pattern > 0.8 || (pattern > 0.4 && pattern <= 0.55) ? wave(dice, depth, period, Math.PI / 2) : null;
  return (x, y) => folds(x, y) * (across?.(x, y) ?? 1) * (along?.(x, y) ?? 1);
}

/** 1 - depth .. 1, in waves along a direction. */
function wave(dice: Dice, depth: number, period: number, angle: number): (x: number, y: number) => number {
  const [stepX, stepY] = [(Math.cos(angle) * 2 * Math.PI) / period, (Math.sin(angle) * 2 * Math.PI) / period];
  const start = dice.between(0, 2 * Math.PI);
  return (x, y) => 1 - (depth * (1 + Math.sin(x * stepX + y * stepY + start))) / 2;
}

/** SHA-256 over the idx files that these splits would be; Web Crypto, as there is no node:crypto in a browser. */
async function checksumOf(splits: readonly Split[]): Promise<string> {
  const files = splits.flatMap(({ images, labels }) => [
    encodeIdx(images, "images"),
    encodeIdx(labels, "labels"),
  ]);
  const hash = await crypto.subtle.digest(
    "SHA-256",
    await new Blob(files as Uint8Array<ArrayBuffer>[]).arrayBuffer(),
  );
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

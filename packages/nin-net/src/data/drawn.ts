/** `drawn`: garments drawn on the spot, for demonstrations and tests without files. */
import { Purpose, RandomStream } from "../core/random.ts";
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
  const { values } = canvas;
  paintTexture(values, dice);
  return addGrain(values, dice);
}

/** Uneven brightness, as in a photograph, rounded to grey levels. */
function addGrain(values: Float32Array, dice: Dice): Uint8Array {
  const grain = dice.between(0.02, 0.18);
  const levels = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i += 4) {
    const word = dice.word();
    for (let k = 0; k < 4; k++) {
      const noise = ((word >>> (8 * k)) & 0xff) / 127.5 - 1;
      levels[i + k] = values[i + k]! * (1 + grain * noise);
    }
  }
  return new Uint8Array(levels.buffer);
}

/** A slight change of size, angle and position. */
function drawPlacement(dice: Dice): (point: Point) => Point {
  const [wide, high] = [dice.between(0.82, 1.04), dice.between(0.84, 1.04)];
  const angle = dice.between(-0.09, 0.09);
  const [right, down] = [dice.between(-1.2, 1.2), dice.between(-1.2, 1.2)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return ([x, y]) => [wide * x * cos - high * y * sin + right, wide * x * sin + high * y * cos + down];
}

/** Darkens the cloth here and there: folds everywhere, on some cloth stripes or checks as well. */
function paintTexture(values: Float32Array, dice: Dice): void {
  paintWaves(values, dice, {
    depth: dice.between(0.02, 0.2),
    period: dice.between(5, 16),
    angle: dice.between(0, Math.PI),
  });
  const depth = dice.between(0.15, 0.5);
  const period = dice.between(2.5, 6);
  const pattern = dice.between(0, 1);
  const upright = pattern < 0.3;
  const level = pattern >= 0.15 && pattern < 0.45;
  if (upright) paintWaves(values, dice, { depth, period, angle: 0 });
  if (level) paintWaves(values, dice, { depth, period, angle: Math.PI / 2 });
}

/** Multiplies by 1 - depth .. 1, in waves of `period` pixels along the direction `angle`, in radians. */
function paintWaves(
  values: Float32Array,
  dice: Dice,
  { depth, period, angle }: { depth: number; period: number; angle: number },
): void {
  const start = dice.between(0, 2 * Math.PI);
  const stepX = (Math.cos(angle) * 2 * Math.PI) / period;
  const stepY = (Math.sin(angle) * 2 * Math.PI) / period;
  const places = Array.from({ length: imageSize }, (_, i) => i);
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

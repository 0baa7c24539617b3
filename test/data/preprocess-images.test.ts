import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadDataset } from "#nin-net/data/load-dataset.js";
import { preprocessImages } from "#nin-net/data/preprocess-images.js";
import { realData } from "./real-data.js";

const oracle = new URL("../../../test/oracle/", import.meta.url);
const script = fileURLToPath(new URL("resize.py", oracle));

/** Square grey images, resized. */
function resizeImages(pixels: Uint8Array, from: number, to: number): Float32Array {
  const image = { channels: 1, height: from, width: from };
  return preprocessImages(pixels, image, { resize: [to, to], mean: null, std: null });
}

interface OracleValues {
  readonly rows: readonly { readonly image: number; readonly row: number; readonly levels: string }[];
  readonly exact: readonly {
    readonly image: number;
    readonly to: number;
    readonly row: number;
    readonly levels: readonly number[];
  }[];
}

/** Pillow's greatest error: half a grey level on each of two axes, plus float32's rounding. */
const oneLevel = 1 / 255 + 1e-6;

/** The images of test/oracle/resize.py. */
function madeImages(count: number): Uint8Array[] {
  let word = 1;
  return Array.from({ length: count }, (_, index) =>
    Uint8Array.from({ length: 784 }, (_, place) => {
      word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
      const noise = word >>> 24;
      if (index % 3 === 0) return noise;
      if (index % 3 === 1) return noise > 200 ? 255 : 0;
      return Math.floor(place / 28) * 5 + (place % 28) * 4 + Math.floor(noise / 64);
    }),
  );
}

function greatestDifference(a: Float32Array, levels: ArrayLike<number>): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - levels[i]! / 255)), 0);
}

test("doubles a step by hand: quarters between half-pixel centres, edges clamped", () => {
  const doubled = resizeImages(Uint8Array.of(0, 255, 0, 255), 2, 4);
  assert.deepEqual([...doubled.subarray(4, 8)], [0, 0.25, 0.75, 1]);
  const turned = resizeImages(Uint8Array.of(0, 0, 255, 255), 2, 4);
  assert.deepEqual(
    [0, 1, 2, 3].map((row) => turned[row * 4 + 2]),
    [0, 0.25, 0.75, 1],
  );
});

test("halves by hand: the mean of the two middle pixels", () => {
  const image = Uint8Array.from({ length: 16 }, (_, i) => (i % 4) * 51);
  assert.deepEqual(
    [...resizeImages(image, 4, 2)],
    [0.1, 0.5, 0.1, 0.5].map((v) => Math.fround(v)),
  );
});

test("keeps images that have the size already, and images apart", () => {
  const pixels = Uint8Array.of(0, 51, 255, 102);
  assert.deepEqual(
    [...resizeImages(pixels, 2, 2)],
    [0, 0.2, 1, 0.4].map((v) => Math.fround(v)),
  );
  const two = resizeImages(Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0), 2, 3);
  assert.deepEqual([...two], [...Array(9).fill(1), ...Array(9).fill(0)]);
});

test("100 images at 224 x 224 stay within 1/255 of Pillow on 8-bit images, as torchvision resizes", () => {
  const { rows } = JSON.parse(readFileSync(new URL("resize.json", oracle), "utf8")) as OracleValues;
  const images = madeImages(100);
  assert.equal(rows.length, 100);
  for (const { image, row, levels } of rows) {
    const ours = resizeImages(images[image]!, 28, 224).subarray(row * 224, (row + 1) * 224);
    const difference = greatestDifference(ours, Buffer.from(levels, "base64"));
    assert.ok(difference <= oneLevel, `image ${image}, row ${row}: off by ${difference * 255} levels`);
  }
});

test("equals Pillow on float images", () => {
  const { exact } = JSON.parse(readFileSync(new URL("resize.json", oracle), "utf8")) as OracleValues;
  const images = madeImages(4);
  for (const { image, to, row, levels } of exact) {
    const ours = resizeImages(images[image]!, 28, to).subarray(row * to, (row + 1) * to);
    const difference = greatestDifference(ours, levels);
    assert.ok(difference < 2e-6, `image ${image} to ${to}, row ${row}: off by ${difference}`);
  }
});

const real = realData("fashion-mnist");
const python = ["python3", "/usr/bin/python3"].find(
  (name) => spawnSync(name, ["-c", "import PIL"], { stdio: "ignore" }).status === 0,
);
const skip = real.skip || (python ? false : "there is no Python with Pillow");

test("100 real images stay within 1/255 of Pillow", { skip }, async () => {
  const { test: split } = await loadDataset("fashion-mnist");
  const pixels = split.images.subarray(0, 100 * 784);
  const { stdout, status } = spawnSync(python!, [script, "28", "224"], {
    input: pixels,
    maxBuffer: 100 * 224 * 224 + 1,
  });
  assert.equal(status, 0);
  assert.equal(stdout.length, 100 * 224 * 224);
  assert.ok(greatestDifference(resizeImages(pixels, 28, 224), stdout) <= oneLevel);
});

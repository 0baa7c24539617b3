import assert from "node:assert/strict";
import { test } from "node:test";
import type { Picture } from "#nin-net/inference/picture.js";
import { preparePicture } from "#nin-net/inference/prepare-picture.js";
import { gauss, onPaper, type Paper, realImages, withFrame, withLine } from "./papers.js";

const { images, skip } = realImages("fashion-mnist", 200);
const white: Paper = () => 255;

/** Share of grey levels that differ by more than 32: what a network might notice. */
function difference(a: Uint8Array, b: Uint8Array): number {
  return a.filter((level, i) => Math.abs(level - b[i]!) > 32).length / a.length;
}

/** What comes of each image on plain white paper, prepared once. */
let plain: Uint8Array[] | undefined;

/** How many of the first images come out as from plain white paper. */
function countAlike(count: number, change: (image: Uint8Array) => Picture): number {
  plain ??= images.map((image) => preparePicture(onPaper(image, white)).pixels);
  const wants = plain;
  const isAlike = (image: Uint8Array, n: number) =>
    difference(preparePicture(change(image)).pixels, wants[n]!) <= 0.02;
  return images.slice(0, count).filter(isAlike).length;
}

const bordered: readonly (readonly [name: string, change: (paper: Picture) => Picture])[] = [
  ["a black frame of one pixel", (paper) => withFrame(paper, [1, 1, 1, 1], 0)],
  ["a grey frame of one pixel", (paper) => withFrame(paper, [1, 1, 1, 1], 128)],
  ["a bar on the left", (paper) => withFrame(paper, [5, 0, 0, 0], 0)],
  ["bars above and below", (paper) => withFrame(paper, [0, 60, 0, 60], 0)],
  ["bars at both sides", (paper) => withFrame(paper, [90, 0, 90, 0], 40)],
  ["a thick frame", (paper) => withFrame(paper, [40, 40, 40, 40], 60)],
  [
    "frames in frames",
    (paper) => withFrame(withFrame(withFrame(paper, [3, 3, 3, 3], 0), [6, 6, 6, 6], 200), [2, 2, 2, 2], 90),
  ],
  [
    "another bar on each side",
    (paper) => withFrame(withFrame(withFrame(paper, [3, 0, 0, 0], 0), [0, 7, 0, 0], 100), [0, 0, 4, 0], 50),
  ],
  ["a line across the top", (paper) => withLine(paper, "row", 5, 0)],
  ["a line down the side", (paper) => withLine(paper, "column", 5, 0)],
];
for (const [name, change] of bordered) {
  test(`200 garments with ${name} come out as without`, { skip }, () => {
    assert.equal(
      countAlike(200, (image) => change(onPaper(image, white))),
      200,
    );
  });
}

const shaded: readonly (readonly [name: string, paper: Paper, noise: number, least: number])[] = [
  ["shaded from 200 to 130", (u) => 200 - 70 * u, 0, 0.97],
  ["shaded from 200 to 130, with noise,", (u) => 200 - 70 * u, 4, 0.95],
  ["shaded from corner to corner", (u, v) => 230 - 50 * (u + v), 0, 0.97],
  ["darker towards its corners", (u, v) => 230 - 40 * ((2 * u - 1) ** 2 + (2 * v - 1) ** 2), 0, 0.95],
  ["of middle grey", () => 128, 0, 0.97],
];
for (const [name, paper, noise, least] of shaded) {
  test(`40 garments on paper ${name} come out as on white`, { skip }, () => {
    const random = gauss(1);
    const count = countAlike(40, (image) =>
      onPaper(image, paper, noise === 0 ? undefined : () => noise * random()),
    );
    assert.ok(count >= least * 40, `${count} of 40`);
  });
}

test("a solid rectangle is an object, no frame", () => {
  const data = new Uint8Array(100 * 80).fill(255);
  for (let y = 20; y < 60; y++) data.fill(40, y * 100 + 30, y * 100 + 70);
  const { pixels } = preparePicture({ width: 100, height: 80, data });
  assert.equal(pixels.filter((level) => level > 200).length, 28 * 28);
});

test("a solid rectangle stays an object with the traces of JPEG in it", () => {
  const data = new Uint8Array(80 * 80).fill(255);
  for (let y = 30; y < 50; y++) {
    for (let x = 20; x < 60; x++) data[y * 80 + x] = (x * 7 + y * 13) % 24;
  }
  const { pixels } = preparePicture({ width: 80, height: 80, data });
  const bright = pixels.filter((level) => level > 200).length;
  assert.ok(Math.abs(bright - 28 * 14) <= 28, `${bright} pixels`);
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decodeImage } from "#nin-cli/pictures/decode.js";
import { DataError } from "#nin-net/core/errors.js";
import type { Picture } from "#nin-net/inference/picture.js";
import { preparePicture } from "#nin-net/inference/prepare-picture.js";

/** A grey picture with one rectangle on it. */
function withBox(
  [width, height]: readonly [number, number],
  background: number,
  box: { left: number; top: number; width: number; height: number; level: number },
): Picture {
  const data = new Uint8Array(width * height).fill(background);
  for (let y = box.top; y < box.top + box.height; y++) {
    data.fill(box.level, y * width + box.left, y * width + box.left + box.width);
  }
  return { width, height, data };
}

/** First and last row and column that are not black. */
function extent(pixels: Uint8Array): { rows: [number, number]; columns: [number, number] } {
  const lit = [...pixels.keys()].filter((i) => pixels[i]! > 0);
  const rows = lit.map((i) => Math.floor(i / 28));
  const columns = lit.map((i) => i % 28);
  return {
    rows: [Math.min(...rows), Math.max(...rows)],
    columns: [Math.min(...columns), Math.max(...columns)],
  };
}

interface Oracle {
  readonly pictures: readonly { readonly name: string; readonly png: string; readonly grey: string }[];
}

const oracle = JSON.parse(readFileSync("test/oracle/prepare-picture.json", "utf8")) as Oracle;
for (const { name, png, grey } of oracle.pictures) {
  test(`prepares a ${name} as ImageMagick does by the authors' steps`, async () => {
    const want = Buffer.from(grey, "base64");
    const { pixels, isInverted } = preparePicture(await decodeImage(Buffer.from(png, "base64")));
    const differences = [...pixels].map((level, i) => Math.abs(level - want[i]!));
    // Their background of #fdfdfd is left at 2, here it becomes black; and ImageMagick rounds to 16 bits between.
    assert.ok(Math.max(...differences) <= 2, `differs by up to ${Math.max(...differences)}`);
    assert.equal(isInverted, true);
  });
}

test("fills the longest edge and centres the other one", () => {
  const box = { left: 10, top: 30, width: 20, height: 40, level: 55 };
  const { pixels } = preparePicture(withBox([60, 73], 255, box));
  assert.deepEqual(extent(pixels), { rows: [0, 27], columns: [7, 20] }); // 20:40 of 28 is 14, with 7 on either side
  assert.equal(pixels[14 * 28 + 14], 200); // 255 - 55, where nothing is near to sharpen against
});

test("turns light over only where the background is light, unless told", () => {
  const onBlack = withBox([40, 40], 0, { left: 5, top: 5, width: 20, height: 20, level: 200 });
  assert.equal(preparePicture(onBlack).isInverted, false);
  assert.equal(preparePicture(onBlack).pixels[14 * 28 + 14], 200);
  // Turned over, its background is white and nothing is lighter than that.
  const forced = preparePicture(onBlack, { invert: "yes" });
  assert.equal(forced.isInverted, true);
  assert.ok(forced.pixels.every((level) => level === 0));
  const onWhite = withBox([40, 40], 255, { left: 5, top: 5, width: 20, height: 20, level: 55 });
  assert.equal(preparePicture(onWhite, { invert: "no" }).isInverted, false);
});

test("a grey background becomes black", () => {
  const { pixels } = preparePicture(
    withBox([60, 60], 155, { left: 20, top: 10, width: 10, height: 40, level: 0 }),
  );
  assert.equal(pixels[14 * 28 + 2], 0);
  assert.equal(pixels[14 * 28 + 14], 255); // black on grey 155: all of the way from the background to the end
});

test("takes a 28x28 grey image on black as it is", () => {
  const ready = withBox([28, 28], 0, { left: 3, top: 9, width: 5, height: 4, level: 180 });
  const { pixels, wasReady } = preparePicture(ready);
  assert.deepEqual([...pixels], [...ready.data]);
  assert.equal(wasReady, true);
  const onWhite = { ...ready, data: ready.data.map((level) => 255 - level) };
  assert.equal(preparePicture(onWhite).wasReady, false);
});

test("a browser's ImageData is a picture; what is transparent counts as white", () => {
  const grey = withBox([30, 40], 255, { left: 4, top: 6, width: 12, height: 20, level: 90 });
  const rgba = new Uint8ClampedArray(grey.data.length * 4);
  grey.data.forEach((level, i) => {
    rgba.set(level === 255 ? [0, 0, 0, 0] : [90, 90, 90, 255], i * 4);
  });
  const { pixels } = preparePicture({ width: 30, height: 40, data: rgba });
  assert.deepEqual([...pixels], [...preparePicture(grey).pixels]);
});

test("the same thing photographed larger comes out alike", () => {
  const small = withBox([73, 73], 255, { left: 20, top: 10, width: 21, height: 42, level: 60 });
  const large = withBox([1095, 1095], 255, { left: 300, top: 150, width: 315, height: 630, level: 60 });
  const want = preparePicture(large).pixels;
  const difference = preparePicture(small).pixels.map((level, i) => Math.abs(level - want[i]!));
  assert.ok(Math.max(...difference) <= 2, `differs by ${Math.max(...difference)}`);
});

test("very flat pictures keep at least one row", () => {
  const { pixels } = preparePicture(
    withBox([100_000, 3], 255, { left: 30_000, top: 1, width: 50_000, height: 1, level: 0 }),
  );
  assert.deepEqual(extent(pixels).columns, [0, 27]);
  assert.equal(extent(pixels).rows[0], extent(pixels).rows[1]);
});

test("refuses what shows nothing or does not fit together, with what to do", () => {
  assert.throws(() => preparePicture({ width: 20, height: 10, data: new Uint8Array(200).fill(254) }), {
    name: DataError.name,
    message: "picture: has one colour all over, expected something on a background. Give another picture.",
  });
  assert.throws(() => preparePicture({ width: 20, height: 10, data: new Uint8Array(199) }), {
    name: DataError.name,
    message:
      "picture: got 199 values for 20x10 pixels, expected 1 to 4 for each pixel. Give width, height and data of the same picture.",
  });
  assert.throws(() => preparePicture({ width: 0, height: 0, data: new Uint8Array(0) }), DataError);
});

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

/** RGBA: a shape of one level, transparent around it. */
function cutOut(level: number): Picture {
  const data = new Uint8Array(40 * 60 * 4);
  for (let y = 5; y < 55; y++) {
    for (let x = 10; x < 30; x++) data.set([level, level, level, 255], (y * 40 + x) * 4);
  }
  return { width: 40, height: 60, data };
}

test("lays transparency on what contrasts with the opaque part", () => {
  for (const level of [255, 230, 200, 90, 0]) {
    const { pixels, isInverted } = preparePicture(cutOut(level));
    assert.deepEqual(extent(pixels), { rows: [0, 27], columns: [9, 19] }, `level ${level}`); // 20:50 of 28 is 11.2
    assert.equal(isInverted, level < 128, `level ${level}`);
  }
});

test("a photograph with transparent corners keeps its own background", () => {
  const photograph = withBox([60, 73], 255, { left: 10, top: 30, width: 20, height: 40, level: 55 });
  const data = new Uint8Array(60 * 73 * 4);
  photograph.data.forEach((level, i) => {
    const isCorner = [0, 59].includes(i % 60) && [0, 72].includes(Math.floor(i / 60));
    data.set([level, level, level, isCorner ? 0 : 255], i * 4);
  });
  assert.deepEqual(
    [...preparePicture({ width: 60, height: 73, data }).pixels],
    [...preparePicture(photograph).pixels],
  );
});

test("says what is true of pictures that show nothing", () => {
  assert.throws(() => preparePicture({ width: 8, height: 8, data: new Uint8Array(256) }), {
    message: "picture: is fully transparent, expected something visible. Save it with its background.",
  });
  const faint = withBox([60, 60], 250, { left: 20, top: 20, width: 20, height: 20, level: 241 });
  assert.throws(() => preparePicture(faint), {
    message:
      "picture: has too little contrast (its levels differ by 9 of 255), expected an object that stands out. " +
      "Photograph it on a background of another colour.",
  });
});

test("an object lighter than a grey background is not turned over", () => {
  const light = withBox([60, 60], 150, { left: 20, top: 10, width: 20, height: 40, level: 255 });
  const { pixels, isInverted } = preparePicture(light);
  assert.equal(isInverted, false);
  assert.equal(pixels[14 * 28 + 14], 255);
});

test("cuts a small object out of the full picture, not out of the small copy that is searched", () => {
  // 8000x300 is searched at 292x11: a stripe of 20 pixels there would be less than one.
  const data = new Uint8Array(8000 * 300).fill(255);
  const object = withBox([140, 280], 0, { left: 40, top: 0, width: 60, height: 280, level: 255 });
  for (let y = 0; y < 280; y++)
    data.set(object.data.subarray(y * 140, (y + 1) * 140), (y + 10) * 8000 + 5000);
  const { pixels } = preparePicture({ width: 8000, height: 300, data });
  assert.deepEqual(extent(pixels), { rows: [0, 27], columns: [7, 20] }); // 140:280 of 28 is 14
  const row = [...pixels.subarray(14 * 28 + 7, 14 * 28 + 21)].map((level) => (level > 127 ? "#" : "."));
  assert.equal(row.join(""), "####......####");
});

test("notes where the object could not be told from its background", () => {
  const clutter = Uint8Array.from({ length: 100 * 100 }, (_, i) => {
    const [x, y] = [i % 100, Math.floor(i / 100)];
    return 128 + 100 * Math.sin(x * 0.9 + 3 * Math.sin(y * 0.17)) * Math.cos(y * 0.31);
  });
  const { notes } = preparePicture({ width: 100, height: 100, data: clutter });
  assert.ok(notes.some(({ code }) => code === "uneven-background"));
  const plain = withBox([60, 60], 255, { left: 20, top: 10, width: 10, height: 40, level: 0 });
  assert.deepEqual(preparePicture(plain).notes, []);
});

test("prepares a digit as MNIST's: 20 pixels, its centre of mass in the middle", () => {
  // An L: heavy at the bottom, 40x80.
  const data = new Uint8Array(200 * 200).fill(255);
  for (let y = 60; y < 140; y++) data.fill(0, y * 200 + 80, y * 200 + (y < 120 ? 92 : 120));
  const { pixels } = preparePicture({ width: 200, height: 200, data }, { preparation: "digit" });
  const { rows, columns } = extent(pixels);
  assert.equal(rows[1] - rows[0] + 1, 20);
  assert.equal(columns[1] - columns[0] + 1, 10);
  const mass = pixels.reduce((sum, level) => sum + level, 0);
  const centre = (of: (i: number) => number) =>
    pixels.reduce((sum, level, i) => sum + level * (of(i) + 0.5), 0) / mass;
  assert.ok(Math.abs(centre((i) => i % 28) - 14) <= 0.5);
  assert.ok(Math.abs(centre((i) => Math.floor(i / 28)) - 14) <= 0.5);
  assert.equal(Math.max(...pixels), 255);
});

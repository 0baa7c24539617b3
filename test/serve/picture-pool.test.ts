import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import { decodeImage } from "#nin-cli/pictures/decode.js";
import { PicturePool } from "#nin-cli/serve/picture-pool.js";
import { DataError } from "#nin-net/core/errors.js";
import { predictionOf } from "#nin-net/inference/predict.js";
import { preparePicture } from "#nin-net/inference/prepare-picture.js";

import { damaged } from "./damaged.js";

const pool = new PicturePool({ image: { channels: 1, height: 28, width: 28 }, preparation: "garment" });
after(() => pool.close());
const never = new AbortController().signal;

/** A dark square on white paper. */
function png(side: number): Promise<Buffer> {
  const square = {
    create: { width: side >> 1, height: side >> 1, channels: 3, background: "navy" },
  } as const;
  return sharp({ create: { width: side, height: side, channels: 3, background: "white" } })
    .composite([{ input: square }])
    .png()
    .toBuffer();
}

test("prepares a file as the library does on the calling thread", async () => {
  const file = await png(100);
  for (const invert of ["auto", "no"] as const) {
    const expected = preparePicture(await decodeImage(file), { invert }).pixels;
    const { pixels } = await pool.prepare(file, { invert, mostPixels: 10_000, signal: never });
    assert.deepEqual(pixels, expected);
  }
});

test("prepares digits as MNIST's, and photographs of any size in colour", async () => {
  const file = await png(100);
  const options = { invert: "auto", mostPixels: 10_000, signal: never } as const;
  for (const [image, preparation] of [
    [{ channels: 1, height: 28, width: 28 }, "digit"],
    [{ channels: 3, height: 20, width: 30 }, "photo"],
  ] as const) {
    const other = new PicturePool({ image, preparation });
    try {
      const { pixels } = preparePicture(await decodeImage(file), { image, preparation });
      assert.deepEqual((await other.prepare(file, options)).pixels, pixels);
      assert.notDeepEqual(pixels, (await pool.prepare(file, options)).pixels);
    } finally {
      await other.close();
    }
  }
});

test("notes that a picture reaches all edges come with it", async () => {
  const file = await sharp({ create: { width: 60, height: 60, channels: 3, background: "white" } })
    .composite([
      { input: { create: { width: 60, height: 24, channels: 3, background: "navy" } }, top: 18, left: 0 },
      { input: { create: { width: 24, height: 60, channels: 3, background: "navy" } }, top: 0, left: 18 },
    ])
    .png()
    .toBuffer();
  const { notes } = await pool.prepare(file, { invert: "auto", mostPixels: 10_000, signal: never });
  assert.deepEqual(
    notes.map(({ code }) => code),
    ["not-trimmed"],
  );
});

test("what is no picture, or a too large one, is refused in the library's words", async () => {
  const options = { invert: "auto", mostPixels: 9_999, signal: never } as const;
  await assert.rejects(pool.prepare(Buffer.from("hello"), options), {
    name: "DataError",
    message: /is text, expected PNG, /,
  });
  await assert.rejects(pool.prepare(await png(100), options), {
    name: "DataError",
    message: /too many pixels, expected at most 9,999/,
  });
  const file = await png(100);
  await assert.rejects(pool.prepare(file.subarray(0, file.length >> 1), { ...options, mostPixels: 1e6 }), {
    name: "DataError",
    message: / damaged /,
  });
});

test("damaged files are refused or prepared, and fail nothing", async () => {
  const square = { create: { width: 9, height: 14, channels: 3, background: "navy" } } as const;
  const picture = sharp({
    create: { width: 24, height: 24, channels: 3, background: "white" },
  }).composite([{ input: square }]);
  const formats = ["png", "jpeg", "webp", "avif", "gif", "tiff"] as const;
  const files = await Promise.all(formats.map((format) => picture.clone().toFormat(format).toBuffer()));
  const seen = { refused: 0, prepared: 0 };
  await fc.assert(
    fc.asyncProperty(fc.oneof(...files.map(damaged)), async (file) => {
      try {
        const { pixels } = await pool.prepare(file, { invert: "auto", mostPixels: 10_000, signal: never });
        assert.equal(pixels.length, 784);
        seen.prepared++;
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        seen.refused++;
      }
    }),
    { numRuns: 200, seed: 7 },
  );
  assert.ok(seen.refused > 20 && seen.prepared > 5, JSON.stringify(seen));
});

test("draws an explanation as a PNG that can be read", async () => {
  const maps = [0, 1].map((value) => ({ height: 2, width: 2, data: new Float32Array(4).fill(value) }));
  const explanation = {
    ...predictionOf(Float32Array.of(0, 1), ["bag", "coat"]),
    maps,
    inputSize: [224, 224] as const,
    field: undefined,
  };
  const png = await pool.draw(explanation, new Uint8Array(784).fill(90), never);
  const { format, width, height } = await sharp(png).metadata();
  assert.equal(format, "png");
  assert.ok(width >= 200 && height >= 200, `${width}x${height}`);
});

test("a picture that is given up while it waits is not prepared; its place goes to the next", async () => {
  const file = await png(2000);
  const options = { invert: "auto", mostPixels: 25_000_000 } as const;
  const giveUp = new AbortController();
  const running = [1, 2].map(() => pool.prepare(file, { ...options, signal: never }));
  const waiting = [1, 2, 3].map(() => pool.prepare(file, { ...options, signal: giveUp.signal }));
  const last = pool.prepare(file, { ...options, signal: never });
  giveUp.abort(new Error("given up"));
  for (const given of waiting) await assert.rejects(given, { message: "given up" });
  for (const { pixels } of await Promise.all([...running, last])) assert.equal(pixels.length, 784);
  await assert.rejects(pool.prepare(file, { ...options, signal: giveUp.signal }), { message: "given up" });
});

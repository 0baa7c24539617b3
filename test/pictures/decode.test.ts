import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { decodeImage } from "#nin-cli/pictures/decode.js";
import { DataError } from "#nin-net/core/errors.js";
import { channelsOf, type Picture } from "#nin-net/inference/picture.js";

const red = { r: 200, g: 40, b: 30 };
const blue = { r: 20, g: 60, b: 190 };

/** 16 x 8 pixels, the left half red, the right half blue. */
function flag(): Sharp {
  const half = { create: { width: 8, height: 8, channels: 3, background: blue } } as const;
  return sharp({ create: { width: 16, height: 8, channels: 3, background: red } }).composite([
    { input: half, left: 8, top: 0 },
  ]);
}

/** Colour of a pixel, without alpha. */
function at(picture: Picture, x: number, y: number): number[] {
  const channels = channelsOf(picture);
  const start = (y * picture.width + x) * channels;
  return [...picture.data.subarray(start, start + Math.min(channels, 3))];
}

function assertNear(
  got: readonly number[],
  want: { r: number; g: number; b: number },
  tolerance: number,
): void {
  const differences = [want.r, want.g, want.b].map((level, i) => Math.abs(level - got[i]!));
  assert.ok(Math.max(...differences) <= tolerance, `got ${got}, expected ${Object.values(want)}`);
}

const png = () => flag().png().toBuffer();
const encoders: readonly (readonly [name: string, encode: () => Promise<Buffer>, tolerance: number])[] = [
  ["PNG", png, 0],
  ["PNG with a palette", () => flag().png({ palette: true }).toBuffer(), 2],
  ["PNG of 16 bits", () => flag().toColourspace("rgb16").png().toBuffer(), 1],
  ["JPEG", () => flag().jpeg({ quality: 95 }).toBuffer(), 30],
  [
    "JPEG in CMYK",
    async () =>
      sharp(await png())
        .toColourspace("cmyk")
        .jpeg({ quality: 95 })
        .toBuffer(),
    60,
  ],
  ["WebP", () => flag().webp({ lossless: true }).toBuffer(), 0],
  ["AVIF", () => flag().avif({ lossless: true }).toBuffer(), 30],
  ["GIF", () => flag().gif().toBuffer(), 4],
  ["TIFF", () => flag().tiff({ compression: "lzw" }).toBuffer(), 0],
];

for (const [name, encode, tolerance] of encoders) {
  test(`decodes ${name}`, async () => {
    const picture = await decodeImage(await encode());
    assert.deepEqual([picture.width, picture.height], [16, 8]);
    assertNear(at(picture, 2, 4), red, tolerance);
    assertNear(at(picture, 13, 4), blue, tolerance);
  });
}

test("decodes grey of 16 bits to 8", async () => {
  const grey = await sharp({ create: { width: 4, height: 4, channels: 3, background: "#646464" } })
    .toColourspace("grey16")
    .png()
    .toBuffer();
  assert.equal((await sharp(grey).metadata()).depth, "ushort");
  assert.equal(at(await decodeImage(grey), 1, 1)[0], 100);
});

test("keeps transparency", async () => {
  const bytes = await sharp({
    create: { width: 4, height: 4, channels: 4, background: { ...red, alpha: 0.2 } },
  })
    .png()
    .toBuffer();
  const picture = await decodeImage(bytes);
  assert.deepEqual([...picture.data.subarray(0, 4)], [200, 40, 30, 51]);
});

test("takes the first frame of an animation", async () => {
  const frames = [
    await png(),
    await sharp(await png())
      .negate()
      .png()
      .toBuffer(),
  ];
  for (const animation of [
    await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer(),
    await sharp(frames, { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer(),
  ]) {
    const picture = await decodeImage(animation);
    assert.deepEqual([picture.width, picture.height], [16, 8]);
    assertNear(at(picture, 2, 4), red, 4);
  }
});

test("turns a photograph upright as its metadata says", async () => {
  const lying = await sharp(await png())
    .rotate(90)
    .toBuffer();
  const bytes = await sharp(lying).withMetadata({ orientation: 8 }).png().toBuffer();
  const picture = await decodeImage(bytes);
  assert.deepEqual([picture.width, picture.height], [16, 8]);
  assertNear(at(picture, 2, 4), red, 0);
});

/** A PNG that says it has so many pixels and holds next to none. */
function pngClaiming(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const check = Buffer.alloc(4);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1; // one bit a pixel, grey
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.alloc(100_000))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

test("refuses what unpacks to too many pixels, before it is unpacked", async () => {
  const message = "image: has too many pixels, expected at most 64,000,000. Make it smaller first.";
  await assert.rejects(decodeImage(pngClaiming(100_000, 100_000)), { name: DataError.name, message });
  await assert.rejects(decodeImage(await png(), { maxPixels: 100 }), {
    message: "image: has too many pixels, expected at most 100. Make it smaller first.",
  });
  assert.equal((await decodeImage(await png(), { maxPixels: 128 })).width, 16);
});

test("a picture of one row of 60,000 pixels is no problem", async () => {
  const bytes = await sharp({ create: { width: 60_000, height: 1, channels: 3, background: red } })
    .png()
    .toBuffer();
  assert.equal((await decodeImage(bytes)).width, 60_000);
});

const latin = (text: string) => Buffer.from(text, "latin1");
const convert = "Convert it to PNG or JPEG.";
const notImages: readonly (readonly [name: string, bytes: Uint8Array, what: string, fix: string])[] = [
  ["text", Buffer.from("these are words, not a picture"), "text", "Give a file of one of these."],
  ["text in UTF-16", Buffer.from("\ufeffwords", "utf16le"), "text", "Give a file of one of these."],
  ["SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9"/>'), "SVG", "Save it as PNG."],
  ["SVG after a comment", Buffer.from('<?xml version="1.0"?>\n<!-- a --><svg/>'), "SVG", "Save it as PNG."],
  [
    "an HTML page",
    Buffer.from("\n<!DOCTYPE html><html><title>404</title>"),
    "an HTML page",
    "Download the image itself, not the page that shows it.",
  ],
  [
    "HEIC",
    latin("\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
    "HEIC or HEIF",
    "Convert it to JPEG, or let the camera save the most compatible format.",
  ],
  ["a video", latin("\0\0\0\x18ftypisom\0\0\0\0"), "a video", "Save one frame of it as PNG."],
  ["BMP", latin("BM\x46\0\0\0\0\0\0\0\x36\0\0\0"), "BMP", convert],
  ["JPEG XL", latin("\xff\x0a\x7f"), "JPEG XL", convert],
  ["JPEG XL in its container", latin("\0\0\0\x0cJXL \r\n\x87\n"), "JPEG XL", convert],
  ["JPEG 2000", latin("\0\0\0\x0cjP  \r\n\x87\n"), "JPEG 2000", convert],
  ["PDF", latin("%PDF-1.7\n"), "PDF", "Save its page or picture as PNG."],
  [
    "a Git LFS pointer",
    Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
    "a Git LFS pointer, not the file itself",
    "Fetch the file with git lfs pull.",
  ],
  ["a zip archive", latin("PK\x03\x04\x14\0"), "a zip archive", "Unpack it first."],
  ["gzip data", latin("\x1f\x8b\x08\0"), "gzip data", "Unpack it first."],
  ["zeros", new Uint8Array(100), "nothing but zeros", "Save or copy it again."],
  [
    "a data: address",
    latin("data:image/png;base64,iVBOR"),
    "a data: address as text",
    "Decode its base64 first.",
  ],
  ["one byte", Uint8Array.of(0x89), "no image", "Give a file of one of these."],
];
for (const [name, bytes, what, fix] of notImages) {
  test(`refuses ${name}, by its name`, async () => {
    await assert.rejects(decodeImage(bytes), {
      name: DataError.name,
      message: `image: is ${what}, expected PNG, JPEG, WebP, AVIF, GIF or TIFF. ${fix}`,
    });
  });
}

/** The picture as PNG with chunks put in after the header, without those that sharp writes. */
async function pngWith(...chunks: readonly (readonly [type: string, data: Buffer])[]): Promise<Uint8Array> {
  const grey = await sharp({ create: { width: 4, height: 4, channels: 4, background: "#80808080" } })
    .png()
    .toBuffer();
  const inserted = chunks.map(([type, data]) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  });
  return Buffer.concat([grey.subarray(0, 33), ...inserted, grey.subarray(33)]);
}

function gamma(value: number): readonly [string, Buffer] {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(Math.round(100_000 * value));
  return ["gAMA", data];
}

test("respects the gamma of a PNG, but not where it says that it is sRGB", async () => {
  const level = async (bytes: Uint8Array) => [...(await decodeImage(bytes)).data.subarray(2, 4)];
  assert.deepEqual(await level(await pngWith()), [128, 128]);
  // Linear light of 128/255 = 0.502 is sRGB 1.055 * 0.502^(1/2.4) - 0.055 = 0.7366, times 255. Alpha is linear.
  assert.deepEqual(await level(await pngWith(gamma(1))), [188, 128]);
  assert.deepEqual(await level(await pngWith(gamma(1 / 2.2))), [128, 128]);
  assert.deepEqual(await level(await pngWith(["sRGB", Buffer.of(0)], gamma(1))), [128, 128]);
});

test("refuses an empty file", async () => {
  await assert.rejects(decodeImage(new Uint8Array(0)), {
    name: DataError.name,
    message: "image: is empty, expected an image. Save or send it again.",
  });
});

test("refuses files that were cut short or overwritten", async () => {
  const whole = await sharp({
    create: {
      width: 64,
      height: 64,
      channels: 3,
      background: "#000",
      noise: { type: "gaussian", mean: 128, sigma: 40 },
    },
  })
    .png()
    .toBuffer();
  const jpeg = await sharp(whole).jpeg().toBuffer();
  const overwritten = Buffer.from(whole);
  overwritten.fill(7, 60, 400);
  const damaged = [
    whole.subarray(0, 9),
    whole.subarray(0, whole.length / 2),
    jpeg.subarray(0, jpeg.length / 2),
    overwritten,
  ];
  for (const bytes of damaged) {
    await assert.rejects(decodeImage(bytes), {
      name: DataError.name,
      message: "image: is damaged or of an unsupported kind, expected a whole one. Save or send it again.",
    });
  }
});

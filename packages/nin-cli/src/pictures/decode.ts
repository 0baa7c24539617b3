import { DataError, type Picture } from "nin-net";
import type { Sharp } from "sharp";
import { foreignFormat, imageFormat, imageFormats } from "./image-format.ts";
import { gammaLevels } from "./png-gamma.ts";
import { loadSharp } from "./sharp.ts";

/** How {@link decodeImage} reads a picture file. */
export interface DecodeOptions {
  /** Refuses pictures of more pixels, before they are unpacked; default 64 million. */
  readonly maxPixels?: number | undefined;
}

const defaultMaxPixels = 64_000_000;

/** No file of more bytes is read whole to be decoded. */
export const mostFileBytes = 256_000_000;

/** What is said of a file that is larger than {@link mostFileBytes}. */
export function tooManyBytes(): DataError {
  return new DataError(
    `image: is larger than ${mostFileBytes / 1e6} MB, expected an image. Make it smaller first.`,
  );
}

/**
 * Decodes PNG, JPEG, WebP, AVIF, GIF or TIFF to 8-bit sRGB: turned upright as its metadata says, 16-bit levels
 * rounded, CMYK converted, the first frame of an animation.
 *
 * @throws DataError in one sentence if the bytes are no such image, damaged or larger than allowed
 */
export async function decodeImage(
  bytes: Uint8Array,
  { maxPixels = defaultMaxPixels }: DecodeOptions = {},
): Promise<Picture> {
  if (bytes.length === 0) throw new DataError("image: is empty, expected an image. Save or send it again.");
  // By its first bytes, so that nothing else than these formats ever reaches a decoder.
  const format = imageFormat(bytes);
  if (format === undefined) throw notAnImage(bytes);
  const sharp = await loadSharp();
  const image = sharp(bytes, { limitInputPixels: maxPixels, failOn: "error", pages: 1, autoOrient: true });
  const { width, height } = await reading(() => image.metadata(), maxPixels);
  if (width * height > maxPixels) throw tooLarge(maxPixels, `${width}x${height}`);
  const { data, info } = await reading(() => rawPixels(image), maxPixels);
  const levels = format === "png" ? gammaLevels(bytes) : undefined;
  if (levels !== undefined) applyLevels(data, info.channels, levels);
  return { width: info.width, height: info.height, data };
}

function notAnImage(bytes: Uint8Array): DataError {
  const { name, fix } = foreignFormat(bytes) ?? { name: "no image", fix: "Give a file of one of these." };
  return new DataError(`image: is ${name}, expected ${imageFormats}. ${fix}`);
}

/** Changes every level but those of alpha. */
function applyLevels(data: Uint8Array, channels: number, levels: Uint8Array): void {
  const hasAlpha = channels % 2 === 0;
  for (let i = 0; i < data.length; i++) {
    if (!hasAlpha || i % channels !== channels - 1) data[i] = levels[data[i]!]!;
  }
}

function rawPixels(
  image: Sharp,
): Promise<{ data: Uint8Array; info: { width: number; height: number; channels: number } }> {
  return image.toColourspace("srgb").raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
}

async function reading<T>(work: () => Promise<T>, maxPixels: number): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (/exceeds pixel limit/.test((cause as Error).message)) throw tooLarge(maxPixels);
    // The decoder's own words may be of another image that is decoded at the same time, so they are left out.
    throw new DataError(
      "image: is damaged or of an unsupported kind, expected a whole one. Save or send it again.",
      {
        cause,
      },
    );
  }
}

function tooLarge(maxPixels: number, size?: string): DataError {
  return new DataError(
    `image: has ${size === undefined ? "" : `${size}, that is `}too many pixels, expected at most ` +
      `${maxPixels.toLocaleString("en-US")}. Make it smaller first.`,
  );
}

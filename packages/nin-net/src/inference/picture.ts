import { DataError } from "../core/errors.ts";
import type { ImageSpec } from "../core/image-spec.ts";

/** A decoded picture of any size; a browser's `ImageData` is one. */
export interface Picture {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /**
   * Levels 0..255 in sRGB, row after row, the channels of a pixel side by side: grey, grey and alpha, RGB, or RGB
   * and alpha. How many there are follows from the length.
   */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * How many channels a picture's pixels have, 1 to 4.
 *
 * @throws DataError if sizes and data do not belong together
 */
export function channelsOf({ width, height, data }: Picture): number {
  const isSized = [width, height].every((length) => Number.isSafeInteger(length) && length >= 1);
  const channels = data.length / (width * height);
  if (!isSized || ![1, 2, 3, 4].includes(channels)) {
    throw new DataError(
      `picture: got ${data.length} values for ${width}x${height} pixels, expected 1 to 4 for each pixel. ` +
        "Give width, height and data of the same picture.",
    );
  }
  return channels;
}

/** Grey level of a colour, 0..255, not rounded: luma by ITU-R BT.709, as ImageMagick takes it. */
export function greyLevel(red: number, green: number, blue: number): number {
  return 0.212656 * red + 0.715158 * green + 0.072186 * blue;
}

/**
 * An image of a data set as a picture.
 *
 * @param image - what the images of the data set are
 * @param data - height * width * channels bytes, the channels of a pixel together
 */
export function pictureOf({ height, width }: Pick<ImageSpec, "height" | "width">, data: Uint8Array): Picture {
  return { height, width, data };
}

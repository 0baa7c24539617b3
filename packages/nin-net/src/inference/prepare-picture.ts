import { DataError } from "../core/errors.ts";
import { channelsOf, greyLevel, imageSize, type Picture } from "./picture.ts";
import { sharpen } from "./sharpen.ts";
import { type RgbPicture, shrink } from "./shrink.ts";
import { type Box, trimBox } from "./trim.ts";

/** Whether light becomes dark: `auto` does so where the background is light, as the data set's is black. */
export type Invert = "auto" | "yes" | "no";

export interface PrepareOptions {
  /** Default `auto`. */
  readonly invert?: Invert | undefined;
}

/** A picture in the form of the data set's images. */
export interface PreparedPicture {
  /** Grey levels 0..255, 28 * 28 bytes, row after row, on black. */
  readonly pixels: Uint8Array;
  readonly isInverted: boolean;
  /** The picture was 28x28, grey and on black already, and nothing was done. */
  readonly wasReady: boolean;
}

/** Longest edge while the object is looked for: more detail would only bring in specks and noise. */
const searchEdge = 292;
/** Longest edge of the thumbnails that Fashion-MNIST was made from. */
const thumbnailEdge = 73;

/**
 * Prepares a picture as Fashion-MNIST's were: trimmed, its longest edge brought to 28 pixels by skipping rows and
 * columns, sharpened, centred on 28x28, inverted, made grey. A picture larger than their thumbnails is first made
 * as small as those by averaging. The background becomes black, whatever its level was. 28x28 grey images on black
 * are taken as they are.
 *
 * @throws DataError if the picture has one colour all over, or sizes and data do not belong together
 * @see Xiao, Rasul & Vollgraf 2017, "Fashion-MNIST", section 2 (arXiv:1708.07747)
 */
export function preparePicture(picture: Picture, { invert = "auto" }: PrepareOptions = {}): PreparedPicture {
  channelsOf(picture);
  const whole = shrink(picture, searchEdge);
  const background = edgeColour(whole);
  const isLight = greyLevel(...background) > 127.5;
  const isInverted = invert === "yes" || (invert === "auto" && isLight);
  if (!isInverted && !isLight && isReady(whole)) {
    return { pixels: whole.data.filter((_, i) => i % 3 === 0), isInverted, wasReady: true };
  }
  const box = trimBox(whole);
  if (box === undefined) {
    throw new DataError(
      "picture: has one colour all over, expected something on a background. Give another picture.",
    );
  }
  const small = sharpen(sampled(shrink(cut(whole, box), thumbnailEdge), imageSize));
  return { pixels: centred(small, background, isInverted), isInverted, wasReady: false };
}

/** The colour of most of a picture's outermost pixels near its corners: the median of each channel. */
function edgeColour({ width, height, data }: RgbPicture): [red: number, green: number, blue: number] {
  const places: number[] = [];
  for (const x of ends(width)) places.push(x, (height - 1) * width + x);
  for (const y of ends(height)) places.push(y * width, y * width + width - 1);
  const median = (channel: number) => {
    const levels = places.map((place) => data[place * 3 + channel]!).sort((a, b) => a - b);
    return levels[levels.length >> 1]!;
  };
  return [median(0), median(1), median(2)];
}

/** The first and the last eighth of an edge. */
function ends(length: number): number[] {
  const eighth = Math.ceil(length / 8);
  return Array.from({ length: 2 * eighth }, (_, i) => (i < eighth ? i : length - 1 - (i - eighth)));
}

function isReady({ width, height, data }: RgbPicture): boolean {
  if (width !== imageSize || height !== imageSize) return false;
  return data.every((level, i) => level === data[i - (i % 3)]);
}

function cut({ width, data }: RgbPicture, box: Box): RgbPicture {
  const result = new Uint8Array(box.width * box.height * 3);
  for (let y = 0; y < box.height; y++) {
    const start = ((box.top + y) * width + box.left) * 3;
    result.set(data.subarray(start, start + box.width * 3), y * box.width * 3);
  }
  return { width: box.width, height: box.height, data: result };
}

/** Brings the longest edge to `longest` by taking the pixel in the middle of each new one's place, `-sample`. */
function sampled(picture: RgbPicture, longest: number): RgbPicture {
  const factor = longest / Math.max(picture.width, picture.height);
  const width = Math.max(1, Math.round(picture.width * factor));
  const height = Math.max(1, Math.round(picture.height * factor));
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = middle(y, picture.height, height) * picture.width;
    for (let x = 0; x < width; x++) {
      const from = (row + middle(x, picture.width, width)) * 3;
      data.set(picture.data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

/** The old pixel in the middle of the `index`-th of `to` new ones; of two, the first. */
function middle(index: number, from: number, to: number): number {
  return Math.floor(((2 * index + 1) * from - 1) / (2 * to));
}

/** In the middle of 28x28 black pixels, grey, with the background's level at 0. */
function centred(
  { width, height, data }: RgbPicture,
  background: readonly [number, number, number],
  isInverted: boolean,
): Uint8Array {
  const level = (red: number, green: number, blue: number) => {
    const grey = Math.round(greyLevel(red, green, blue));
    return isInverted ? 255 - grey : grey;
  };
  const black = level(...background);
  const scale = black < 255 ? 255 / (255 - black) : 0;
  // Where a row or column is left over it goes to the left or the top, as with ImageMagick's `-gravity center`.
  const left = imageSize / 2 - Math.floor(width / 2);
  const top = imageSize / 2 - Math.floor(height / 2);
  const pixels = new Uint8Array(imageSize * imageSize);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const above = level(data[at]!, data[at + 1]!, data[at + 2]!) - black;
      pixels[(top + y) * imageSize + left + x] = Math.round(Math.max(0, above) * scale);
    }
  }
  return pixels;
}

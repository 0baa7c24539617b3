import { channelsOf, type Picture } from "./picture.ts";

/** An opaque picture of three channels. */
export interface RgbPicture extends Picture {
  readonly data: Uint8Array;
}

/** Levels of red, green and blue, 0..255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** A part of a picture, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface ShrinkOptions {
  /** What shows through where the picture is transparent; default white. */
  readonly matte?: Rgb | undefined;
  /** The part to take; default all. */
  readonly box?: Box | undefined;
}

const white: Rgb = [255, 255, 255];

/**
 * Lays a picture, or a part of it, on a matte and, if it is larger, makes it smaller by averaging over areas.
 *
 * @param longest - pixels of the longest edge at most
 */
export function shrink(picture: Picture, longest: number, options: ShrinkOptions = {}): RgbPicture {
  const { width, height } = options.box ?? picture;
  const factor = Math.min(1, longest / Math.max(width, height));
  const size = {
    width: Math.max(1, Math.round(width * factor)),
    height: Math.max(1, Math.round(height * factor)),
  };
  return shrinkTo(picture, size, options);
}

/**
 * {@link shrink} to a given size.
 *
 * @param size - at most that of the part that is taken
 */
export function shrinkTo(
  picture: Picture,
  { width, height }: Pick<Box, "width" | "height">,
  {
    matte = white,
    box = { left: 0, top: 0, width: picture.width, height: picture.height },
  }: ShrinkOptions = {},
): RgbPicture {
  const channels = channelsOf(picture);
  const across = areaTaps(box.width, width);
  const down = areaTaps(box.height, height);

  // One view for all kinds of bytes: the loop below is compiled for one kind of array.
  const bytes = new Uint8Array(picture.data.buffer, picture.data.byteOffset, picture.data.length);
  const sums = new Float64Array(width * height * 3);
  const row = new Float64Array(width * 3);
  for (let y = 0; y < box.height; y++) {
    row.fill(0);
    const from = ((box.top + y) * picture.width + box.left) * channels;
    addPixels(row, bytes, from, channels, across, matte);
    const start = down.first[y]! * row.length;
    const share = down.share[y]!;
    for (let i = 0; i < row.length; i++) sums[start + i]! += row[i]! * share;
    if (share === 1) continue;
    for (let i = 0; i < row.length; i++) sums[start + row.length + i]! += row[i]! * (1 - share);
  }
  const area = (box.width / width) * (box.height / height);
  const data = new Uint8Array(sums.length);
  for (let i = 0; i < sums.length; i++) data[i] = Math.round(sums[i]! / area);
  return { width, height, data };
}

/** Adds a row of old pixels, laid on the matte, to the new ones they overlap. */
function addPixels(
  row: Float64Array,
  bytes: Uint8Array,
  start: number,
  channels: number,
  { first, share }: AreaTaps,
  matte: Rgb,
): void {
  const green = channels < 3 ? 0 : 1;
  const blue = 2 * green;
  const hasAlpha = channels % 2 === 0;
  for (let x = 0; x < first.length; x++) {
    const at = start + x * channels;
    const alpha = hasAlpha ? bytes[at + channels - 1]! / 255 : 1;
    const through = 1 - alpha;
    const r = bytes[at]! * alpha + matte[0] * through;
    const g = bytes[at + green]! * alpha + matte[1] * through;
    const b = bytes[at + blue]! * alpha + matte[2] * through;
    const to = first[x]! * 3;
    const here = share[x]!;
    row[to]! += r * here;
    row[to + 1]! += g * here;
    row[to + 2]! += b * here;
    if (here === 1) continue;
    row[to + 3]! += r * (1 - here);
    row[to + 4]! += g * (1 - here);
    row[to + 5]! += b * (1 - here);
  }
}

/** For each old pixel of an axis: the first new one it overlaps and the share of it there; the rest is the next's. */
interface AreaTaps {
  readonly first: Uint32Array;
  readonly share: Float64Array;
}

function areaTaps(from: number, to: number): AreaTaps {
  const first = new Uint32Array(from);
  const share = new Float64Array(from).fill(1);
  for (let i = 0; i < from; i++) {
    // In whole numbers of 1/to of an old pixel, a new one is `from` wide: no rounding at the edges.
    const start = i * to;
    first[i] = Math.floor(start / from);
    const edge = (first[i]! + 1) * from;
    if (start + to > edge) share[i] = (edge - start) / to;
  }
  return { first, share };
}

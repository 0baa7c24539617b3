import { channelsOf, type Picture } from "./picture.ts";

/** An opaque picture of three channels. */
export interface RgbPicture extends Picture {
  readonly data: Uint8Array;
}

/** What shows through where a picture is transparent. */
const paper = 255;

/**
 * Lays a picture on white paper and, if it is larger, makes it smaller by averaging over areas.
 *
 * @param longest - pixels of the longest edge at most
 */
export function shrink(picture: Picture, longest: number): RgbPicture {
  const channels = channelsOf(picture);
  const factor = Math.min(1, longest / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * factor));
  const height = Math.max(1, Math.round(picture.height * factor));
  const across = areaTaps(picture.width, width);
  const down = areaTaps(picture.height, height);

  // One view for all kinds of bytes: the loop below is compiled for one kind of array.
  const bytes = new Uint8Array(picture.data.buffer, picture.data.byteOffset, picture.data.length);
  const sums = new Float64Array(width * height * 3);
  const row = new Float64Array(width * 3);
  for (let y = 0; y < picture.height; y++) {
    row.fill(0);
    addPixels(row, bytes, y * picture.width * channels, channels, across);
    const start = down.first[y]! * row.length;
    const share = down.share[y]!;
    for (let i = 0; i < row.length; i++) sums[start + i]! += row[i]! * share;
    if (share === 1) continue;
    for (let i = 0; i < row.length; i++) sums[start + row.length + i]! += row[i]! * (1 - share);
  }
  const area = (picture.width / width) * (picture.height / height);
  const data = new Uint8Array(sums.length);
  for (let i = 0; i < sums.length; i++) data[i] = Math.round(sums[i]! / area);
  return { width, height, data };
}

/** Adds a row of old pixels, laid on paper, to the new ones they overlap. */
function addPixels(
  row: Float64Array,
  bytes: Uint8Array,
  start: number,
  channels: number,
  { first, share }: AreaTaps,
): void {
  const green = channels < 3 ? 0 : 1;
  const blue = 2 * green;
  const hasAlpha = channels % 2 === 0;
  for (let x = 0; x < first.length; x++) {
    const at = start + x * channels;
    const alpha = hasAlpha ? bytes[at + channels - 1]! / 255 : 1;
    const through = paper * (1 - alpha);
    const r = bytes[at]! * alpha + through;
    const g = bytes[at + green]! * alpha + through;
    const b = bytes[at + blue]! * alpha + through;
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

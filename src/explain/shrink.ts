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

  const sums = new Float64Array(width * height * 3);
  const row = new Float64Array(width * 3);
  for (let y = 0; y < picture.height; y++) {
    row.fill(0);
    for (let x = 0; x < picture.width; x++) {
      const at = (y * picture.width + x) * channels;
      const first = across.first[x]!;
      const share = across.share[x]!;
      for (let channel = 0; channel < 3; channel++) {
        const level = levelOnPaper(picture.data, at, channels, channel);
        row[first * 3 + channel]! += level * share;
        if (share < 1) row[first * 3 + 3 + channel]! += level * (1 - share);
      }
    }
    const first = down.first[y]!;
    const share = down.share[y]!;
    for (let i = 0; i < row.length; i++) {
      sums[first * row.length + i]! += row[i]! * share;
      if (share < 1) sums[(first + 1) * row.length + i]! += row[i]! * (1 - share);
    }
  }
  const area = (picture.width / width) * (picture.height / height);
  return { width, height, data: Uint8Array.from(sums, (sum) => Math.round(sum / area)) };
}

function levelOnPaper(
  data: Uint8Array | Uint8ClampedArray,
  at: number,
  channels: number,
  channel: number,
): number {
  const level = data[channels < 3 ? at : at + channel]!;
  if (channels % 2 === 1) return level;
  const alpha = data[at + channels - 1]! / 255;
  return level * alpha + paper * (1 - alpha);
}

/** For each old pixel of an axis: the first new one it overlaps and the share of it there; the rest is the next's. */
function areaTaps(from: number, to: number): { first: Uint32Array; share: Float64Array } {
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

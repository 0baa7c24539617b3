/** Grey levels of pixels in colour, as `preparePicture` makes them. */
import { greyLevel } from "nin-net";

/** The rounded grey level of the colour that stands at an index. */
export function greyOf(rgb: Uint8Array, at: number): number {
  return Math.round(greyLevel(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!));
}

/** One channel of pixels that are grey all over; undefined if any is coloured. */
export function greyChannel(rgb: Uint8Array): Uint8Array | undefined {
  const grey = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < grey.length; i++) {
    const level = rgb[3 * i]!;
    if (rgb[3 * i + 1] !== level || rgb[3 * i + 2] !== level) return undefined;
    grey[i] = level;
  }
  return grey;
}

/** Sums of levels, then of their squares, over the pixels: of red, green, blue, and of them made grey. */
export function levelSums(rgb: Uint8Array): number[] {
  const sums = new Array<number>(8).fill(0);
  for (let at = 0; at < rgb.length; at += 3) {
    const levels = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!, greyOf(rgb, at)];
    for (let k = 0; k < 4; k++) {
      sums[k]! += levels[k]!;
      sums[4 + k]! += levels[k]! ** 2;
    }
  }
  return sums;
}

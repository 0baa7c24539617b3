import type { Box, Rgb, RgbPicture } from "./shrink.ts";

/** Of the distance between black and white: colours that close count as one. */
const closeness = 0.05;
export const closeSquared = 3 * (closeness * 255) ** 2;

/** Colours that a picture's edges are compared with. */
export interface Corners {
  readonly topLeft: Rgb;
  readonly topRight: Rgb;
  readonly bottomLeft: Rgb;
}

export function cornersOf({ width, height, data }: RgbPicture): Corners {
  const at = (x: number, y: number): Rgb => {
    const [red, green, blue] = data.subarray((y * width + x) * 3);
    return [red!, green!, blue!];
  };
  return { topLeft: at(0, 0), topRight: at(width - 1, 0), bottomLeft: at(0, height - 1) };
}

export function colourDistanceSquared(data: Uint8Array, at: number, colour: Rgb): number {
  return (data[at]! - colour[0]) ** 2 + (data[at + 1]! - colour[1]) ** 2 + (data[at + 2]! - colour[2]) ** 2;
}

/**
 * What is left when edges close to the colour of the corner pixels are cut off: left and top are compared with
 * the top left corner, right and bottom with the corner at their end, as ImageMagick's `-fuzz 5% -trim` does.
 *
 * @param corners - default: the picture's own
 * @returns undefined if nothing is left: the picture has one colour
 */
export function trimBox(picture: RgbPicture, corners: Corners = cornersOf(picture)): Box | undefined {
  const { width, height, data } = picture;
  const { topLeft, topRight, bottomLeft } = corners;
  const differs = (x: number, y: number, colour: Rgb) =>
    colourDistanceSquared(data, (y * width + x) * 3, colour) > closeSquared;
  const columnDiffers = (x: number, colour: Rgb) => some(height, (y) => differs(x, y, colour));
  const rowDiffers = (y: number, colour: Rgb) => some(width, (x) => differs(x, y, colour));

  const left = find(width, (i) => columnDiffers(i, topLeft));
  const top = find(height, (i) => rowDiffers(i, topLeft));
  const fromRight = find(width, (i) => columnDiffers(width - 1 - i, topRight));
  const fromBottom = find(height, (i) => rowDiffers(height - 1 - i, bottomLeft));
  if (left === undefined || top === undefined || fromRight === undefined || fromBottom === undefined) {
    return undefined;
  }
  const box = { left, top, width: width - left - fromRight, height: height - top - fromBottom };
  return box.width > 0 && box.height > 0 ? box : undefined;
}

function some(count: number, test: (index: number) => boolean): boolean {
  return find(count, test) !== undefined;
}

function find(count: number, test: (index: number) => boolean): number | undefined {
  for (let i = 0; i < count; i++) if (test(i)) return i;
  return undefined;
}

import type { RgbPicture } from "./shrink.ts";

/** A part of a picture, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Of the distance between black and white: colours that close count as one. */
const closeness = 0.05;
const closeSquared = 3 * (closeness * 255) ** 2;

/**
 * What is left when edges close to the colour of the corner pixels are cut off: left and top are compared with
 * the top left corner, right and bottom with the corner at their end, as ImageMagick's `-fuzz 5% -trim` does.
 *
 * @returns undefined if nothing is left: the picture has one colour
 */
export function trimBox({ width, height, data }: RgbPicture): Box | undefined {
  const differs = (x: number, y: number, cornerX: number, cornerY: number): boolean => {
    const at = (y * width + x) * 3;
    const corner = (cornerY * width + cornerX) * 3;
    let squared = 0;
    for (let channel = 0; channel < 3; channel++) {
      squared += (data[at + channel]! - data[corner + channel]!) ** 2;
    }
    return squared > closeSquared;
  };
  const columnDiffers = (x: number, cornerX: number) => some(height, (y) => differs(x, y, cornerX, 0));
  const rowDiffers = (y: number, cornerY: number) => some(width, (x) => differs(x, y, 0, cornerY));

  const left = find(width, (i) => columnDiffers(i, 0));
  const top = find(height, (i) => rowDiffers(i, 0));
  const fromRight = find(width, (i) => columnDiffers(width - 1 - i, width - 1));
  const fromBottom = find(height, (i) => rowDiffers(height - 1 - i, height - 1));
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

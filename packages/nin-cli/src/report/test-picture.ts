import { type AnySplit, enlargedPicture, imageAt, type Picture, pictureOf } from "nin-net";
import { colourDataUri, greyDataUri, type PngDataUri } from "./png-data-uri.ts";

/** Side of the square that a picture is shown in at most, in pixels. */
export const viewSize = 112;

/** An image of a split, in its colours. */
export function pictureAt(split: AnySplit, index: number): Picture {
  return pictureOf(split, imageAt(split, index));
}

/** What a test image is called where it is shown: its file, or its place. */
export function imageName({ names }: AnySplit, index: number): string {
  return names?.[index] ?? `test image ${index}`;
}

/** An image of a split for a page; made smaller if it is larger than the page shows it. */
export function testPicture(split: AnySplit, index: number): Promise<PngDataUri> {
  const picture = pictureAt(split, index);
  const { data, width, height } = picture;
  if (Math.max(width, height) > viewSize) {
    const small = enlargedPicture(picture, viewSize);
    return colourDataUri(small.width, small.height, small.colour);
  }
  if (data.length === width * height) return greyDataUri(data as Uint8Array, width, height);
  return colourDataUri(width, height, (x, y) => {
    const at = 3 * (y * width + x);
    return [data[at]!, data[at + 1]!, data[at + 2]!];
  });
}

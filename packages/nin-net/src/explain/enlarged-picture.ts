import type { Picture } from "../inference/picture.ts";
import { shrink } from "../inference/shrink.ts";
import type { Colour } from "./colour-map.ts";

/** A picture at the size at which it is drawn. */
export interface EnlargedPicture {
  /** In pixels, as drawn. */
  readonly height: number;
  /** In pixels, as drawn. */
  readonly width: number;
  /** The colour of a pixel as drawn, from the left and from the top. */
  readonly colour: (x: number, y: number) => Colour;
}

/**
 * Fits a picture into a square: small ones are enlarged by a whole number, so that all their pixels look equally
 * large; ones that are larger than the square are averaged.
 *
 * @param side - of the square, in pixels
 */
export function enlargedPicture(picture: Picture, side: number): EnlargedPicture {
  const small = shrink(picture, side);
  const zoom = Math.max(1, Math.floor(side / Math.max(small.width, small.height)));
  return {
    height: small.height * zoom,
    width: small.width * zoom,
    colour(x, y) {
      const at = 3 * (Math.floor(y / zoom) * small.width + Math.floor(x / zoom));
      return [small.data[at]!, small.data[at + 1]!, small.data[at + 2]!];
    },
  };
}

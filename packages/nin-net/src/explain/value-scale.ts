import { blueRed, type Colour, inferno } from "./colour-map.ts";

/** Turns values into colours, the same for everything drawn in one picture. */
export interface ValueScale {
  /** The value at the lower end of the colours. */
  readonly least: number;
  /** The value at the upper end of the colours. */
  readonly most: number;
  /** The colour of a value from `least` to `most`. */
  readonly colour: (value: number) => Colour;
}

/** From 0 in black to the largest value if none is negative; else blue and red, as far on either side of 0. */
export function valueScale(values: Iterable<number>): ValueScale {
  let least = 0;
  let most = 0;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least === 0) return { least, most, colour: (value) => inferno(most > 0 ? value / most : 0) };
  const reach = Math.max(-least, most);
  return { least: -reach, most: reach, colour: (value) => blueRed(0.5 + value / (2 * reach)) };
}

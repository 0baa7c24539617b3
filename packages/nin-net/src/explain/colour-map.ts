/** Red, green and blue, 0..255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** @param share - 0..1 */
export type ColourMap = (share: number) => Colour;

/**
 * From black over purple and orange to pale yellow; equal steps look equally large, also in grey.
 *
 * @see https://bids.github.io/colormap/ - Smith & van der Walt 2015 (CC0)
 */
export const inferno: ColourMap = between([
  [0, 0, 4],
  [11, 7, 36],
  [33, 12, 74],
  [60, 10, 101],
  [87, 16, 109],
  [112, 25, 110],
  [137, 34, 106],
  [163, 44, 97],
  [187, 55, 85],
  [209, 69, 69],
  [228, 89, 51],
  [241, 114, 30],
  [250, 141, 11],
  [252, 171, 16],
  [249, 202, 51],
  [242, 232, 101],
  [252, 255, 164],
]);

/**
 * For values of either sign: blue below the middle, near white in it, red above.
 *
 * @see https://colorbrewer2.org/#type=diverging&scheme=RdBu - Brewer, Harrower & The Pennsylvania State University
 */
export const blueRed: ColourMap = between([
  [19, 75, 133],
  [47, 120, 179],
  [93, 162, 203],
  [157, 202, 225],
  [210, 229, 239],
  [242, 239, 238],
  [251, 219, 201],
  [244, 174, 145],
  [223, 116, 94],
  [191, 54, 58],
  [140, 13, 37],
]);

/** A map through equally spaced colours, linear between neighbours. */
function between(colours: readonly Colour[]): ColourMap {
  return (share) => {
    const place = Math.min(Math.max(share, 0), 1) * (colours.length - 1);
    const index = Math.min(Math.floor(place), colours.length - 2);
    return mix(colours[index]!, colours[index + 1]!, place - index);
  };
}

/**
 * A colour between two others.
 *
 * @param share - of `b`, 0..1
 */
export function mix(a: Colour, b: Colour, share: number): Colour {
  const level = (channel: 0 | 1 | 2) => Math.round(a[channel] + (b[channel] - a[channel]) * share);
  return [level(0), level(1), level(2)];
}

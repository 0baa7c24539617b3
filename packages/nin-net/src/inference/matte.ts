import { DataError } from "../core/errors.ts";
import { channelsOf, greyLevel, type Picture } from "./picture.ts";
import type { Rgb } from "./shrink.ts";

/** Alpha from which a pixel counts as visible, and as opaque. */
const visible = 13;
const opaque = 128;
/** A picture of which this share is opaque has a background of its own, as a photograph with rounded corners. */
const photographShare = 0.9;
/** Grey levels above which a colour does not stand out from white. */
const nearWhite = 215;

/**
 * Colours to lay a transparent picture on, the best first: what contrasts with its opaque part, white if both white
 * and black do; where hardly anything is transparent, first the colour at the edge of the opaque part.
 *
 * @throws DataError if the whole picture is transparent
 */
export function mattesOf(picture: Picture): readonly Rgb[] {
  const channels = channelsOf(picture);
  const contrasting = channels % 2 === 1 ? [] : transparentMattes(picture, channels);
  return contrasting.length > 0 ? contrasting : [[255, 255, 255]];
}

function transparentMattes({ width, height, data }: Picture, channels: number): Rgb[] {
  const pixels = width * height;
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  let seen = 0;
  let opaqueCount = 0;
  let levels = 0;
  let light = 0;
  for (let at = 0; at < data.length; at += channels) {
    const alpha = data[at + channels - 1]!;
    if (alpha >= opaque) opaqueCount++;
    if (alpha < visible) continue;
    const level = greyLevel(data[at]!, data[at + green]!, data[at + blue]!);
    seen += alpha;
    levels += level * alpha;
    if (level >= nearWhite) light += alpha;
  }
  if (seen === 0) {
    throw new DataError(
      "picture: is fully transparent, expected something visible. Save it with its background.",
    );
  }
  const mean = levels / seen;
  const isLight = mean >= 191 || (mean >= 110 && light > seen / 10);
  const contrast: Rgb = isLight ? [0, 0, 0] : [255, 255, 255];
  if (opaqueCount < photographShare * pixels || opaqueCount === pixels) return [contrast];
  return [edgeColour({ width, height, data }, channels, [0, green, blue]), contrast];
}

/** The median of the opaque pixels of the outermost rows and columns. */
function edgeColour({ width, height, data }: Picture, channels: number, offsets: readonly number[]): Rgb {
  const places: number[] = [];
  for (let x = 0; x < width; x++) places.push(x, (height - 1) * width + x);
  for (let y = 0; y < height; y++) places.push(y * width, y * width + width - 1);
  const starts = places.map((place) => place * channels).filter((at) => data[at + channels - 1]! >= opaque);
  const median = (offset: number) => {
    const sorted = starts.map((at) => data[at + offset]!).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 255;
  };
  return [median(offsets[0]!), median(offsets[1]!), median(offsets[2]!)];
}

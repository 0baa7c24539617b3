import { medianOf3x3 } from "./median.ts";
import { greyLevel } from "./picture.ts";
import type { Box, Rgb, RgbPicture } from "./shrink.ts";
import { closeSquared, colourDistanceSquared } from "./trim.ts";

/** What a picture's background looks like, by its edges. */
export interface Background {
  /** The most common colour of the edges. */
  readonly colour: Rgb;
  /**
   * `even`: one colour. `shaded`: the colour changes slowly, or has noise. `uneven`: neither, as wood, a room or an
   * object that covers the edges.
   */
  readonly kind: "even" | "shaded" | "uneven";
  /** Colour of the background at a pixel of the picture, in levels 0..255. */
  at(x: number, y: number): Rgb;
  /** How far its pixels are from that at most: the length of a vector of three levels. */
  readonly tolerance: number;
}

/** A surface over a picture: coefficients by channel. */
interface Surface {
  readonly terms: Terms;
  readonly channels: readonly (readonly number[])[];
}
/** Terms at a pixel; u and v are -1..1 over the picture. */
type Terms = (u: number, v: number) => number[];

const plane: Terms = (u, v) => [1, u, v];
const bowl: Terms = (u, v) => [1, u, v, u * u, u * v, v * v];

/** Levels that an even background may change by, from one end to the other, and its noise, the length of a vector. */
const evenRange = 8;
const evenNoise = 8;
/** Share of the edge that must be background. */
const backgroundShare = 0.65;
const close = Math.sqrt(closeSquared);

/** Finds the background of a picture from its outermost pixels, of which an object may cover some. */
export function findBackground(picture: RgbPicture): Background {
  const { width, height } = picture;
  const corners = edgePlaces(width, height, 1 / 8);
  const colour = medianColour(picture, corners);
  const flat = fit(picture, corners, plane);
  const flatResiduals = residuals(picture, corners, flat);
  const range = surfaceRange(flat);
  const flatNoise = noiseOf(flatResiduals);
  const at = (surface: Surface) => (x: number, y: number) =>
    valueAt(surface, scaled(x, width), scaled(y, height));
  if (range <= evenRange && flatNoise <= evenNoise && shareWithin(flatResiduals, close) >= backgroundShare) {
    return { kind: "even", colour, tolerance: close, at: () => colour };
  }
  const ring = edgePlaces(width, height, 1 / 2);
  const curved = fit(picture, ring, bowl);
  const curvedResiduals = residuals(picture, ring, curved);
  const isCurved =
    shareWithin(curvedResiduals, close) > shareWithin(residuals(picture, ring, flat), close) + 0.1;
  const surface = isCurved ? curved : flat;
  const smooth = { width, height, data: withoutNoise(picture) };
  const smoothRests = residuals(smooth, isCurved ? ring : corners, surface);
  const tolerance = Math.max(close, 2.5 * noiseOf(smoothRests));
  const isFound = shareWithin(smoothRests, Math.min(tolerance, 2.5 * close)) >= backgroundShare;
  return { kind: isFound ? "shaded" : "uneven", colour, tolerance, at: at(surface) };
}

/** Whether a picture's object is darker than its background, by the pixels that differ; undefined if none does. */
export function isObjectDarker(picture: RgbPicture, background: Background): boolean | undefined {
  let difference = 0;
  let differing = 0;
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const at = (y * picture.width + x) * 3;
      const colour = background.at(x, y);
      if (colourDistanceSquared(picture.data, at, colour) <= background.tolerance ** 2) continue;
      differing++;
      const { data } = picture;
      difference += greyLevel(data[at]!, data[at + 1]!, data[at + 2]!) - greyLevel(...colour);
    }
  }
  return differing === 0 ? undefined : difference <= 0;
}

/**
 * Brings a shaded background to one colour, white or black, and what is not background in proportion.
 *
 * @param part - the part of the picture that `background` was found in, which `picture` shows, larger or smaller
 */
export function flatten(
  picture: RgbPicture,
  background: Background,
  { part, toWhite }: { part: Box; toWhite: boolean },
): RgbPicture {
  const { width, height, data } = picture;
  const colourAt = (x: number, y: number): Rgb =>
    background.at(
      part.left + ((x + 0.5) / width) * part.width - 0.5,
      part.top + ((y + 0.5) / height) * part.height - 0.5,
    );
  const isObject = objectMask(picture, background.tolerance, colourAt);
  const result = new Uint8Array(data.length).fill(toWhite ? 255 : 0);
  for (let i = 0; i < isObject.length; i++) {
    if (!isObject[i]) continue;
    const colour = colourAt(i % width, Math.floor(i / width));
    for (let c = 0; c < 3; c++) {
      const level = data[i * 3 + c]!;
      const ground = Math.min(Math.max(colour[c]!, 1), 254);
      const flat = toWhite ? (255 * level) / ground : (255 * (level - ground)) / (255 - ground);
      result[i * 3 + c] = Math.round(Math.min(Math.max(flat, 0), 255));
    }
  }
  return { width, height, data: result };
}

/** 1 where a pixel differs from the background, and at least two of its neighbours do: the rest is noise. */
function objectMask(
  picture: RgbPicture,
  tolerance: number,
  colourAt: (x: number, y: number) => Rgb,
): Uint8Array {
  const { width, height } = picture;
  const smooth = withoutNoise(picture);
  const differs = new Uint8Array(width * height);
  for (let i = 0; i < differs.length; i++) {
    const colour = colourAt(i % width, Math.floor(i / width));
    if (colourDistanceSquared(smooth, i * 3, colour) > tolerance ** 2) differs[i] = 1;
  }
  const countNear = (x: number, y: number) => {
    let count = 0;
    for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v++) {
      for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u++) count += differs[v * width + u]!;
    }
    return count;
  };
  return differs.map((one, i) => (one === 1 && countNear(i % width, Math.floor(i / width)) >= 3 ? 1 : 0));
}

/** Without specks; small pictures stay as they are, for their details are as small. */
function withoutNoise(picture: RgbPicture): Uint8Array {
  return Math.min(picture.width, picture.height) < 56 ? picture.data : medianOf3x3(picture);
}

/** The outermost pixels of a picture, from each corner as far as a share of the edge; 1/2 is all of them. */
function edgePlaces(width: number, height: number, share: number): number[] {
  const places: number[] = [];
  for (const x of ends(width, share)) places.push(x, (height - 1) * width + x);
  for (const y of ends(height, share)) places.push(y * width, y * width + width - 1);
  return places;
}

function ends(length: number, share: number): number[] {
  const count = Math.ceil(length * share);
  return Array.from({ length: 2 * count }, (_, i) => (i < count ? i : length - 1 - (i - count)));
}

function medianColour({ data }: RgbPicture, places: readonly number[]): Rgb {
  const channel = (offset: number) => {
    const levels = places.map((place) => data[place * 3 + offset]!).sort((a, b) => a - b);
    return levels[levels.length >> 1]!;
  };
  return [channel(0), channel(1), channel(2)];
}

const scaled = (index: number, length: number) => (length === 1 ? 0 : (2 * index) / (length - 1) - 1);

function valueAt({ terms, channels }: Surface, u: number, v: number): Rgb {
  const values = terms(u, v);
  return [dot(values, channels[0]!), dot(values, channels[1]!), dot(values, channels[2]!)];
}

/** A loop, since a callback would take most of the time of shaded pictures. */
function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** How much a surface changes over the picture: the largest difference between its corners. */
function surfaceRange(surface: Surface): number {
  const corners = [-1, 1].flatMap((u) => [-1, 1].map((v) => valueAt(surface, u, v)));
  return Math.max(
    ...[0, 1, 2].map(
      (c) => Math.max(...corners.map((at) => at[c]!)) - Math.min(...corners.map((at) => at[c]!)),
    ),
  );
}

function residuals(
  { width, height, data }: RgbPicture,
  places: readonly number[],
  surface: Surface,
): number[] {
  return places.map((place) => {
    const x = place % width;
    const [red, green, blue] = valueAt(surface, scaled(x, width), scaled((place - x) / width, height));
    const at = place * 3;
    return Math.hypot(data[at]! - red, data[at + 1]! - green, data[at + 2]! - blue);
  });
}

/** Least absolute deviations by weighted least squares: up to about half of the pixels may be of something else. */
function fit(picture: RgbPicture, places: readonly number[], terms: Terms): Surface {
  const { width, height, data } = picture;
  const rows = places.map((place) => {
    const x = place % width;
    return terms(scaled(x, width), scaled((place - x) / width, height));
  });
  const start = medianColour(picture, places);
  let surface: Surface = {
    terms,
    channels: start.map((level) => rows[0]!.map((_, i) => (i === 0 ? level : 0))),
  };
  for (let round = 0; round < 20; round++) {
    const weights = residuals(picture, places, surface).map((rest) => 1 / Math.max(rest, 1));
    const channels = [0, 1, 2].map((c) => {
      const levels = places.map((place) => data[place * 3 + c]!);
      return leastSquares(rows, levels, weights);
    });
    surface = { terms, channels };
  }
  return surface;
}

/** Solves the normal equations by Gaussian elimination; a small ridge keeps what the places do not tell at 0. */
function leastSquares(
  rows: readonly number[][],
  values: readonly number[],
  weights: readonly number[],
): number[] {
  const count = rows[0]!.length;
  const system = Array.from({ length: count }, () => new Float64Array(count + 1));
  rows.forEach((row, n) => {
    for (let i = 0; i < count; i++) {
      const weighted = weights[n]! * row[i]!;
      for (let j = 0; j < count; j++) system[i]![j]! += weighted * row[j]!;
      system[i]![count]! += weighted * values[n]!;
    }
  });
  for (let i = 0; i < count; i++) system[i]![i]! += 1e-6 * (1 + system[i]![i]!);
  for (let i = 0; i < count; i++) {
    for (let k = i + 1; k < count; k++) {
      const factor = system[k]![i]! / system[i]![i]!;
      for (let j = i; j <= count; j++) system[k]![j]! -= factor * system[i]![j]!;
    }
  }
  const solution = new Array<number>(count).fill(0);
  for (let i = count - 1; i >= 0; i--) {
    let rest = system[i]![count]!;
    for (let j = i + 1; j < count; j++) rest -= system[i]![j]! * solution[j]!;
    solution[i] = rest / system[i]![i]!;
  }
  return solution;
}

/** What nine of ten residuals are below, without those that are of an object rather than noise. */
function noiseOf(residuals: readonly number[]): number {
  const noise = residuals.filter((rest) => rest <= 2.5 * close).sort((a, b) => a - b);
  return noise[Math.floor(noise.length * 0.9)] ?? 0;
}

function shareWithin(values: readonly number[], most: number): number {
  return values.filter((value) => value <= most).length / values.length;
}

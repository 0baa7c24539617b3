import type { Box, RgbPicture } from "./shrink.ts";
import { closeSquared, trimBox } from "./trim.ts";

const sides = ["left", "top", "right", "bottom"] as const;
type Side = (typeof sides)[number];

/** Lines of one colour along a side. */
interface Layer {
  readonly side: Side;
  readonly thickness: number;
  /** Index of a pixel of its colour in the data. */
  readonly colourAt: number;
}

/** Share of a line that must have its colour: the rest is noise, or the end of a line that crosses. */
const lineShare = 0.97;
/** Share of the next line that may have the border's colour: a border ends at a straight edge. */
const edgeShare = 0.02;
/** The same for thin lines all around, which an object of their colour may touch. */
const touchedShare = 0.3;
/** A border thicker than this share of the picture may be the background of a straight object. */
const thinShare = 0.15;
/** Pixels from which thick borders are looked for: in icons, they are the background. */
const smallest = 32;
const mostLayers = 16;

/**
 * What is left without uniform borders, frames, bars and lines at the edges, of any colour, nested or not. The
 * background around an object stays: a border ends at a straight edge all along its side, an object does not.
 */
export function withoutBorders(picture: RgbPicture): Box {
  let box: Box = { left: 0, top: 0, width: picture.width, height: picture.height };
  for (let layer = 0; layer < mostLayers; layer++) {
    const inner = withoutLayer(picture, box);
    if (inner === undefined) return box;
    box = inner;
  }
  return box;
}

/** Without the outermost border; undefined if there is none. */
function withoutLayer(picture: RgbPicture, box: Box): Box | undefined {
  const layers = sides.map((side) => layerAt(picture, box, side)).filter((layer) => layer !== undefined);
  for (const first of layers) {
    const alike = layers.filter(({ colourAt }) => isClose(picture, colourAt, first.colourAt));
    for (const group of [alike, [first]]) {
      const inner = insideOf(box, group);
      if (inner !== undefined && isBorder(picture, box, inner, group)) return inner;
    }
  }
  return undefined;
}

function layerAt(picture: RgbPicture, box: Box, side: Side): Layer | undefined {
  const depth = side === "left" || side === "right" ? box.width : box.height;
  const colourAt = commonColour(picture, lineOf(picture, box, side, 0));
  let thickness = 0;
  while (thickness < depth) {
    if (shareOf(picture, lineOf(picture, box, side, thickness), colourAt) < lineShare) break;
    thickness++;
  }
  return thickness === 0 ? undefined : { side, thickness, colourAt };
}

function insideOf(box: Box, layers: readonly Layer[]): Box | undefined {
  const off = (side: Side) => layers.find((layer) => layer.side === side)?.thickness ?? 0;
  const width = box.width - off("left") - off("right");
  const height = box.height - off("top") - off("bottom");
  if (width < 3 || height < 3) return undefined;
  return { left: box.left + off("left"), top: box.top + off("top"), width, height };
}

function isBorder(picture: RgbPicture, box: Box, inner: Box, layers: readonly Layer[]): boolean {
  const isLineFrame = layers.length === sides.length && layers.every(({ thickness }) => thickness <= 2);
  for (const { side, colourAt } of layers) {
    const line = lineOf(picture, inner, side, 0);
    if (shareOf(picture, line, colourAt) > (isLineFrame ? touchedShare : edgeShare)) return false;
    if (smoothShare(picture, line) < 0.6) return false;
  }
  const object = trimBox(cut(picture, inner));
  if (object === undefined) return false;
  const isThin = layers.every(({ side, thickness }) => {
    return thickness <= thinShare * (side === "left" || side === "right" ? box.width : box.height);
  });
  const isLarge = Math.min(box.width, box.height) >= smallest;
  return (
    isThin ||
    (isLarge &&
      hasCornersAlike(picture, inner) &&
      hasContrast(picture, inner) &&
      object.width * object.height >= 0.03 * inner.width * inner.height)
  );
}

/** Whether something stands out clearly inside: in a solid object there are only traces of a picture's compression. */
function hasContrast(picture: RgbPicture, inner: Box): boolean {
  const ground = commonColour(picture, lineOf(picture, inner, "top", 0));
  let differing = 0;
  for (let depth = 0; depth < inner.height; depth++) {
    const line = lineOf(picture, inner, "top", depth);
    differing += line.count - countClose(picture, line, ground, 9);
  }
  return differing >= 0.02 * inner.width * inner.height;
}

function hasCornersAlike(picture: RgbPicture, { left, top, width, height }: Box): boolean {
  const [right, bottom] = [left + width - 1, top + height - 1];
  const corners = [left, right].flatMap((x) => [top, bottom].map((y) => (y * picture.width + x) * 3));
  return corners.some((one) => corners.filter((other) => isClose(picture, one, other)).length >= 3);
}

/** The pixels of a row or column: `count` indices in the data, `step` apart. */
interface Line {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** The line that is `depth` lines in from a side of the box. */
function lineOf({ width }: RgbPicture, box: Box, side: Side, depth: number): Line {
  if (side === "left" || side === "right") {
    const x = side === "left" ? box.left + depth : box.left + box.width - 1 - depth;
    return { first: (box.top * width + x) * 3, step: width * 3, count: box.height };
  }
  const y = side === "top" ? box.top + depth : box.top + box.height - 1 - depth;
  return { first: (y * width + box.left) * 3, step: 3, count: box.width };
}

/** A pixel of the median level of a line: as far along those of its level as sorting would put it. */
function commonColour({ data }: RgbPicture, { first, step, count }: Line): number {
  const sumAt = (i: number) => {
    const at = first + i * step;
    return data[at]! + data[at + 1]! + data[at + 2]!;
  };
  const counts = new Uint32Array(3 * 255 + 1);
  for (let i = 0; i < count; i++) counts[sumAt(i)]!++;
  let rank = count >> 1;
  let sum = 0;
  while (rank >= counts[sum]!) rank -= counts[sum++]!;
  for (let i = 0; ; i++) {
    if (sumAt(i) === sum && rank-- === 0) return first + i * step;
  }
}

/** How many pixels of a line are close to a colour. */
function countClose(picture: RgbPicture, line: Line, colourAt: number, factor = 1): number {
  let close = 0;
  for (let i = 0; i < line.count; i++) {
    if (isClose(picture, line.first + i * line.step, colourAt, factor)) close++;
  }
  return close;
}

function shareOf(picture: RgbPicture, line: Line, colourAt: number): number {
  return countClose(picture, line, colourAt) / line.count;
}

/** Share of a line's pixels that are close to the one a few pixels on: paper, shaded or not, rather than detail. */
function smoothShare(picture: RgbPicture, { first, step, count }: Line): number {
  const ahead = Math.max(1, Math.round(count / 32));
  let smooth = 0;
  for (let i = 0; i + ahead < count; i++) {
    if (isClose(picture, first + (i + ahead) * step, first + i * step, 4)) smooth++;
  }
  return smooth / Math.max(1, count - ahead);
}

function isClose({ data }: RgbPicture, a: number, b: number, factor = 1): boolean {
  let squared = 0;
  for (let channel = 0; channel < 3; channel++) squared += (data[a + channel]! - data[b + channel]!) ** 2;
  return squared <= factor * closeSquared;
}

/** Copies a part of a picture. */
export function cut({ width, data }: RgbPicture, box: Box): RgbPicture {
  const result = new Uint8Array(box.width * box.height * 3);
  for (let y = 0; y < box.height; y++) {
    const start = ((box.top + y) * width + box.left) * 3;
    result.set(data.subarray(start, start + box.width * 3), y * box.width * 3);
  }
  return { width: box.width, height: box.height, data: result };
}

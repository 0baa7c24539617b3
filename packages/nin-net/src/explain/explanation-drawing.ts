import { imageSize } from "../inference/picture.ts";
import { type Colour, mix } from "./colour-map.ts";
import { Drawing } from "./drawing.ts";
import { enlargeMap } from "./enlarge-map.ts";
import type { ClassMap, Explanation } from "./explain.ts";
import { ink, paintLegend, palette } from "./legend.ts";
import { type ValueScale, valueScale } from "./value-scale.ts";

export interface ExplanationDrawingOptions {
  /** Over the picture, e.g. the file's name. */
  readonly title: string;
  /** Under it, smaller, e.g. which run's network spoke. */
  readonly subtitle?: string | undefined;
  /** Index of the class whose map is laid over the image; default: the most likely one. */
  readonly classIndex?: number | undefined;
}

const margin = 24;
const bigSize = 8 * imageSize;
const tileSize = 80;
const tileGap = 16;
/** What the upper half needs. */
const leastWidth = 860;
const top = 92;
const stripTop = top + bigSize + 70;

/**
 * Draws an image, one class's map laid over it, the likeliest classes, and the strip of all maps with names and
 * probabilities; one colour scale for all.
 *
 * @param pixels - the image as the network saw it, 28 * 28 grey levels
 */
export function drawExplanation(
  explanation: Explanation,
  pixels: Uint8Array,
  { title, subtitle, classIndex = explanation.top.index }: ExplanationDrawingOptions,
): Drawing {
  const { maps, field, inputSize, ranked } = explanation;
  const byIndex = [...ranked].sort((a, b) => a.index - b.index);
  const chosen = byIndex[classIndex]!;
  const scale = valueScale(maps.flatMap(({ data }) => [...data]));
  const strip = maps.length * tileSize + (maps.length - 1) * tileGap;
  const width = 2 * margin + Math.max(leastWidth, strip);
  const drawing = new Drawing(width, stripTop + tileSize + 88, palette.paper);

  drawing.write(title, margin, 34, { ...ink, size: 19, isBold: true, room: width - 2 * margin });
  if (subtitle)
    drawing.write(subtitle, margin, 55, { ...ink, colour: palette.faint, room: width - 2 * margin });

  const second = margin + bigSize + 28;
  drawing.write("what the network saw", margin, top - 8, { ...ink, colour: palette.faint });
  drawing.paint(margin, top, bigSize, bigSize, (x, y) => greyAt(pixels, x, y));
  drawing.write(`what speaks for ${chosen.name}`, second, top - 8, {
    ...ink,
    colour: palette.faint,
    room: bigSize + 20,
  });
  const overlay = overlayColours(pixels, maps[classIndex]!, scale, { field, inputSize });
  drawing.paint(second, top, bigSize, bigSize, (x, y) => overlay(x, y));

  drawRanking(drawing, second + bigSize + 36, ranked, classIndex);
  paintLegend(drawing, second + bigSize + 36, top + bigSize - 34, 240, scale, "value in the class maps");

  drawing.write("class maps: the average of each is its class's score", margin, stripTop - 14, {
    ...ink,
    colour: palette.faint,
  });
  byIndex.forEach(({ name, probability, index }) => {
    const left = margin + index * (tileSize + tileGap);
    const map = maps[index]!;
    drawing.paint(left, stripTop, tileSize, tileSize, (x, y) => scale.colour(valueAt(map, x, y, tileSize)));
    const isChosen = index === classIndex;
    if (isChosen) drawing.frame(left, stripTop, tileSize, tileSize, 3, palette.accent);
    const centre = { align: "middle", room: tileSize + tileGap - 4 } as const;
    const middle = left + tileSize / 2;
    drawing.write(name, middle, stripTop + tileSize + 21, { ...ink, ...centre, isBold: isChosen });
    drawing.write(percent(probability), middle, stripTop + tileSize + 39, {
      ...ink,
      ...centre,
      isBold: isChosen,
    });
    drawing.write(`score ${explanation.logits[index]!.toFixed(2)}`, middle, stripTop + tileSize + 57, {
      ...centre,
      colour: palette.faint,
      size: 11,
    });
  });
  return drawing;
}

/** Colour of each pixel of an image, 8 times enlarged, with a map laid over it. */
export function overlayColours(
  pixels: Uint8Array,
  map: ClassMap,
  scale: ValueScale,
  { field, inputSize }: Pick<Explanation, "field" | "inputSize">,
): (x: number, y: number) => Colour {
  const values = enlargeMap(map, field, inputSize, bigSize);
  const reach = Math.max(-scale.least, scale.most);
  return (x, y) => {
    const value = values[y * bigSize + x]!;
    // Where nothing speaks for the class the plain image stays; at most it shines through a quarter.
    const cover = reach > 0 ? 0.75 * Math.sqrt(Math.abs(value) / reach) : 0;
    return mix(greyAt(pixels, x, y), scale.colour(value), cover);
  };
}

function drawRanking(
  drawing: Drawing,
  left: number,
  ranked: Explanation["ranked"],
  classIndex: number,
): void {
  const shown = ranked.slice(0, 5);
  const chosen = ranked.find(({ index }) => index === classIndex)!;
  if (!shown.includes(chosen)) shown[4] = chosen;
  const barLeft = left + 104;
  const barMost = drawing.width - margin - 66 - barLeft;
  shown.forEach(({ index, name, probability }, row) => {
    const y = top + 4 + row * 28;
    const isBold = index === classIndex;
    drawing.write(name, left, y + 14, { ...ink, isBold, room: 98 });
    drawing.fill(barLeft, y, barMost, 18, palette.groove);
    drawing.fill(barLeft, y, Math.round(probability * barMost), 18, isBold ? palette.accent : palette.bar);
    drawing.write(percent(probability), drawing.width - margin, y + 14, { ...ink, isBold, align: "right" });
  });
}

function percent(probability: number): string {
  return `${(100 * probability).toFixed(1)}%`;
}

function greyAt(pixels: Uint8Array, x: number, y: number): Colour {
  const row = Math.floor((y * imageSize) / bigSize);
  const level = pixels[row * imageSize + Math.floor((x * imageSize) / bigSize)]!;
  return [level, level, level];
}

function valueAt(map: ClassMap, x: number, y: number, size: number): number {
  const row = Math.floor((y * map.height) / size);
  return map.data[row * map.width + Math.floor((x * map.width) / size)]!;
}

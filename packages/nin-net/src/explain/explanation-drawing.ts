import type { Picture } from "../inference/picture.ts";
import { type Colour, mix } from "./colour-map.ts";
import { Drawing } from "./drawing.ts";
import { enlargeMap } from "./enlarge-map.ts";
import { type EnlargedPicture, enlargedPicture } from "./enlarged-picture.ts";
import type { ClassMap, Explanation } from "./explain.ts";
import { ink, paintLegend, palette } from "./legend.ts";
import { type ValueScale, valueScale } from "./value-scale.ts";

/** What {@link drawExplanation} writes and how it colours. */
export interface ExplanationDrawingOptions {
  /** Over the picture, e.g. the file's name. */
  readonly title: string;
  /** Under it, smaller, e.g. the run that the network is from. */
  readonly subtitle?: string | undefined;
  /** Index of the class whose map is laid over the image; default: the most likely one. */
  readonly classIndex?: number | undefined;
}

const margin = 24;
/** Side of the square that the image is drawn in. */
const bigSize = 224;
const tileSize = 80;
const tileGap = 16;
/** Maps in the strip: with more classes, those of the most likely ones. */
const mostTiles = 12;
/** What the upper half needs. */
const leastWidth = 860;
const top = 92;
const stripTop = top + bigSize + 70;

/**
 * Draws an image, one class's map laid over it, the most likely classes, and a strip of class maps with names and
 * probabilities; one colour scale for all. Of many classes the strip has the most likely ones. A network without class
 * maps gives the image and the classes.
 *
 * @param picture - the image as stored: grey or RGB
 */
export function drawExplanation(
  explanation: Explanation,
  picture: Picture,
  { title, subtitle, classIndex = explanation.top.index }: ExplanationDrawingOptions,
): Drawing {
  const hasMaps = explanation.maps.length > 0;
  const shown = hasMaps ? shownClasses(explanation, classIndex) : [];
  const strip = shown.length * tileSize + (shown.length - 1) * tileGap;
  const width = 2 * margin + Math.max(leastWidth, strip);
  const height = hasMaps ? stripTop + tileSize + 88 : top + bigSize + margin;
  const drawing = new Drawing(width, height, palette.paper);

  drawing.write(title, margin, 34, { ...ink, size: 19, isBold: true, room: width - 2 * margin });
  if (subtitle) {
    drawing.write(subtitle, margin, 55, { ...ink, colour: palette.faint, room: width - 2 * margin });
  }
  const image = enlargedPicture(picture, bigSize);
  drawing.write("what the network saw", margin, top - 8, { ...ink, colour: palette.faint });
  drawing.paint(margin, top, image.width, image.height, image.colour);
  const second = margin + image.width + 28;
  if (!hasMaps) {
    drawRanking(drawing, Math.max(second, margin + 170), explanation.ranked, classIndex);
    return drawing;
  }
  const scale = valueScale(shown.flatMap(({ index }) => [...explanation.maps[index]!.data]));
  const third = drawOverlay(drawing, second, image, explanation, classIndex, scale);
  drawRanking(drawing, third, explanation.ranked, classIndex);
  paintLegend(drawing, third, top + bigSize - 34, 240, scale, "value in the class maps");
  drawStrip(drawing, shown, explanation, classIndex, scale);
  return drawing;
}

type RankedClasses = Explanation["ranked"];

/** The classes whose maps are drawn: all in their order, or the most likely ones, the chosen one among them. */
function shownClasses({ ranked }: Explanation, classIndex: number): RankedClasses {
  if (ranked.length <= mostTiles) return [...ranked].sort((a, b) => a.index - b.index);
  return withChosen(ranked, classIndex, mostTiles - 2);
}

/** The first few, with the chosen one in the last place if it is not among them. */
function withChosen(ranked: RankedClasses, classIndex: number, count: number): RankedClasses {
  const first = ranked.slice(0, count);
  const chosen = ranked.find(({ index }) => index === classIndex)!;
  return first.includes(chosen) ? first : [...first.slice(0, -1), chosen];
}

/** @returns where the next column begins */
function drawOverlay(
  drawing: Drawing,
  left: number,
  image: EnlargedPicture,
  explanation: Explanation,
  classIndex: number,
  scale: ValueScale,
): number {
  const name = explanation.ranked.find(({ index }) => index === classIndex)!.name;
  const room = Math.max(image.width, 150) + 20;
  drawing.write(`what speaks for ${name}`, left, top - 8, { ...ink, colour: palette.faint, room });
  const overlay = overlayColours(image, explanation.maps[classIndex]!, scale, explanation);
  drawing.paint(left, top, image.width, image.height, overlay);
  return left + Math.max(image.width, 150) + 36;
}

/** Colour of each pixel of an image with a map laid over it. */
export function overlayColours(
  image: EnlargedPicture,
  map: ClassMap,
  scale: ValueScale,
  { field, inputSize }: Pick<Explanation, "field" | "inputSize">,
): (x: number, y: number) => Colour {
  const values = enlargeMap(map, field, inputSize, [image.height, image.width]);
  const reach = Math.max(-scale.least, scale.most);
  return (x, y) => {
    const value = values[y * image.width + x]!;
    // Where nothing speaks for the class the plain image stays; at most it shines through a quarter.
    const cover = reach > 0 ? 0.75 * Math.sqrt(Math.min(1, Math.abs(value) / reach)) : 0;
    return mix(image.colour(x, y), scale.colour(value), cover);
  };
}

function drawRanking(drawing: Drawing, left: number, ranked: RankedClasses, classIndex: number): void {
  const barLeft = left + 104;
  const barMost = drawing.width - margin - 66 - barLeft;
  withChosen(ranked, classIndex, 5).forEach(({ index, name, probability }, row) => {
    const y = top + 4 + row * 28;
    const isBold = index === classIndex;
    drawing.write(name, left, y + 14, { ...ink, isBold, room: 98 });
    drawing.fill(barLeft, y, barMost, 18, palette.groove);
    drawing.fill(barLeft, y, Math.round(probability * barMost), 18, isBold ? palette.accent : palette.bar);
    drawing.write(percent(probability), drawing.width - margin, y + 14, { ...ink, isBold, align: "right" });
  });
}

function drawStrip(
  drawing: Drawing,
  shown: RankedClasses,
  { maps, logits, ranked }: Explanation,
  classIndex: number,
  scale: ValueScale,
): void {
  const which =
    shown.length < ranked.length
      ? `class maps of the ${shown.length} most likely of ${ranked.length.toLocaleString("en-US")} classes`
      : "class maps";
  drawing.write(`${which}: the average of each is its class's score`, margin, stripTop - 14, {
    ...ink,
    colour: palette.faint,
  });
  shown.forEach(({ name, probability, index }, column) => {
    const left = margin + column * (tileSize + tileGap);
    const map = maps[index]!;
    const [height, width] = fitted(map, tileSize);
    const [x, y] = [left + Math.floor((tileSize - width) / 2), stripTop + tileSize - height];
    drawing.paint(x, y, width, height, (column, row) =>
      scale.colour(
        map.data[
          Math.floor((row * map.height) / height) * map.width + Math.floor((column * map.width) / width)
        ]!,
      ),
    );
    const isBold = index === classIndex;
    if (isBold) drawing.frame(x, y, width, height, 3, palette.accent);
    const centre = { align: "middle", room: tileSize + tileGap - 4 } as const;
    const middle = left + tileSize / 2;
    drawing.write(name, middle, stripTop + tileSize + 21, { ...ink, ...centre, isBold });
    drawing.write(percent(probability), middle, stripTop + tileSize + 39, { ...ink, ...centre, isBold });
    drawing.write(`score ${logits[index]!.toFixed(2)}`, middle, stripTop + tileSize + 57, {
      ...centre,
      colour: palette.faint,
      size: 11,
    });
  });
}

/** A map's shape at a size that fits into a square. */
function fitted({ height, width }: ClassMap, side: number): [height: number, width: number] {
  const factor = side / Math.max(height, width);
  return [Math.max(1, Math.round(height * factor)), Math.max(1, Math.round(width * factor))];
}

function percent(probability: number): string {
  return `${(100 * probability).toFixed(1)}%`;
}

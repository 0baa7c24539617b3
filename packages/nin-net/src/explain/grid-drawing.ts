import { NinError } from "../core/errors.ts";
import type { TensorLike } from "../core/tensor.ts";
import type { Picture } from "../inference/picture.ts";
import { Drawing } from "./drawing.ts";
import { enlargedPicture } from "./enlarged-picture.ts";
import { ink, paintLegend, palette } from "./legend.ts";
import { valueScale } from "./value-scale.ts";

/** What {@link drawGrid} writes and how it colours. */
export interface GridDrawingOptions {
  /** The first line. */
  readonly title: string;
  /** Under it, smaller. */
  readonly subtitle: string;
  /** The image that the maps were made from, as stored; drawn beside the legend. */
  readonly picture?: Picture | undefined;
  /** What the colours measure. */
  readonly legend: string;
}

const margin = 24;
const gap = 6;
const gridWidthAtMost = 1000;
const largestTile = 130;
/** Side of the square that the image is drawn in. */
const pictureSize = 64;
const top = 166;

/**
 * Draws many maps of one size in a grid, on one colour scale, row after row, each with its number.
 *
 * @param maps - [C, H, W]: feature maps, or the kernels of a convolution
 */
export function drawGrid(
  maps: TensorLike,
  { title, subtitle, picture, legend }: GridDrawingOptions,
): Drawing {
  const [count, height, width] = maps.shape as [number, number, number];
  if (!maps.data.every(Number.isFinite)) {
    throw new NinError(
      `${title}: has values that are not finite numbers. Train again with a lower learning rate.`,
    );
  }
  const columns = columnsFor(count);
  const rows = Math.ceil(count / columns);
  const cell = gridWidthAtMost / columns - gap;
  // Whole pixels for each value, so that all look equally large.
  const zoom = Math.max(1, Math.floor(Math.min(cell, largestTile) / Math.max(width, height)));
  const [tileWidth, tileHeight] = [width * zoom, height * zoom];
  const label = 15;
  const drawingWidth = 2 * margin + Math.max(560, columns * (tileWidth + gap) - gap);
  const drawing = new Drawing(drawingWidth, top + rows * (tileHeight + label + gap) + margin, palette.paper);

  const room = drawingWidth - 2 * margin;
  drawing.write(title, margin, 34, { ...ink, size: 19, isBold: true, room });
  drawing.write(subtitle, margin, 55, { ...ink, colour: palette.faint, room });
  const scale = valueScale(maps.data);
  const image = picture && enlargedPicture(picture, pictureSize);
  if (image) drawing.paint(margin, 76, image.width, image.height, image.colour);
  paintLegend(drawing, margin + (image ? image.width + 28 : 0), 98, 240, scale, legend);

  for (let index = 0; index < count; index++) {
    const left = margin + (index % columns) * (tileWidth + gap);
    const up = top + Math.floor(index / columns) * (tileHeight + label + gap);
    drawing.paint(left, up, tileWidth, tileHeight, (x, y) =>
      scale.colour(maps.data[(index * height + Math.floor(y / zoom)) * width + Math.floor(x / zoom)]!),
    );
    drawing.write(String(index), left + tileWidth / 2, up + tileHeight + 11, {
      colour: palette.faint,
      size: 9,
      align: "middle",
      room: tileWidth + gap,
    });
  }
  return drawing;
}

/** A divisor of the count, where there is one from 4 to 24 that keeps the grid about square; else the square. */
function columnsFor(count: number): number {
  const square = Math.max(1, Math.ceil(Math.sqrt(count * 1.4)));
  const divisors = Array.from({ length: 21 }, (_, i) => 4 + i).filter((columns) => count % columns === 0);
  const near = divisors.filter((columns) => columns >= square / 1.5 && columns <= square * 1.5);
  return near.sort((a, b) => Math.abs(a - square) - Math.abs(b - square))[0] ?? Math.min(count, square);
}

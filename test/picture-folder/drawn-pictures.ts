/** Pictures of circles, squares and triangles in files, as a person might have photographed them. */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { Purpose, RandomStream } from "#nin-net/core/random.js";

export const shapes = {
  circle: (x: number, y: number, size: number) => `<circle cx="${x}" cy="${y}" r="${size / 2}"/>`,
  square: (x: number, y: number, size: number) =>
    `<rect x="${x - size / 2}" y="${y - size / 2}" width="${size}" height="${size}"/>`,
  triangle: (x: number, y: number, size: number) =>
    `<path d="M${x} ${y - size / 2}l${size / 2} ${size}h${-size}z"/>`,
} as const;

export type Shape = keyof typeof shapes;

export interface DrawingOptions {
  /** The same number gives the same picture. */
  readonly seed?: number;
  readonly grey?: boolean;
}

/** Writes one picture, of some 100 x 100 pixels; the ending of the name says which format. */
export async function drawPicture(
  file: string,
  shape: Shape,
  { seed = 0, grey = false }: DrawingOptions = {},
): Promise<void> {
  const words = new RandomStream(seed, Purpose.draw, Object.keys(shapes).indexOf(shape), 0).permutation(360);
  const between = (index: number, low: number, high: number) => low + (words[index]! / 360) * (high - low);
  const [width, height] = [between(0, 90, 130), between(1, 90, 130)].map(Math.round) as [number, number];
  const colour = grey ? "#555" : `hsl(${between(2, 0, 360)},80%,40%)`;
  const drawing = shapes[shape](
    width / 2 + between(3, -10, 10),
    height / 2 + between(4, -10, 10),
    Math.min(width, height) * between(5, 0.4, 0.7),
  );
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<rect width="100%" height="100%" fill="#eee"/><g fill="${colour}">${drawing}</g></svg>`;
  mkdirSync(dirname(file), { recursive: true });
  const picture = sharp(Buffer.from(svg)).flatten();
  await (grey ? picture.toColourspace("b-w") : picture).toFile(file);
}

/** Writes a folder for each shape, with so many pictures of it: PNG and JPEG in turn. */
export async function drawFolders(
  root: string,
  perClass: number,
  { seed = 0, grey = false }: DrawingOptions = {},
): Promise<void> {
  for (const shape of Object.keys(shapes) as Shape[]) {
    for (let i = 0; i < perClass; i++) {
      const file = join(root, shape, `${i}.${i % 2 === 0 ? "png" : "jpg"}`);
      await drawPicture(file, shape, { seed: 1000 * seed + i, grey });
    }
  }
}

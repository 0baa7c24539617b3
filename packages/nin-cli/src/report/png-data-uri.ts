import type { Colour } from "nin-net";
import { loadSharp } from "../pictures/sharp.ts";

/** A picture within a page, `data:image/png;base64,...`. */
export type PngDataUri = string;

/** @param pixels - height * width grey levels, row after row */
export async function greyDataUri(pixels: Uint8Array, width: number, height: number): Promise<PngDataUri> {
  const sharp = await loadSharp();
  const image = sharp(pixels, { raw: { width, height, channels: 1 } }).toColourspace("b-w");
  return dataUri(await image.png({ compressionLevel: 9 }).toBuffer());
}

/** @param colour - of the pixel in column x and row y */
export async function colourDataUri(
  width: number,
  height: number,
  colour: (x: number, y: number) => Colour,
): Promise<PngDataUri> {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels.set(colour(i % width, Math.floor(i / width)), i * 3);
  const sharp = await loadSharp();
  const image = sharp(pixels, { raw: { width, height, channels: 3 } });
  return dataUri(await image.png({ compressionLevel: 9 }).toBuffer());
}

/** @param shade - a colour and its opacity, 0..1, of the pixel in column x and row y */
export async function shadeDataUri(
  width: number,
  height: number,
  shade: (x: number, y: number) => { readonly colour: Colour; readonly opacity: number },
): Promise<PngDataUri> {
  const pixels = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const { colour, opacity } = shade(i % width, Math.floor(i / width));
    pixels.set([...colour, Math.round(255 * opacity)], i * 4);
  }
  const sharp = await loadSharp();
  const image = sharp(pixels, { raw: { width, height, channels: 4 } });
  return dataUri(await image.png({ compressionLevel: 9 }).toBuffer());
}

function dataUri(png: Buffer): PngDataUri {
  return `data:image/png;base64,${png.toString("base64")}`;
}

import type { Drawing } from "nin-net";
import { loadLetters } from "./letters.ts";
import { loadSharp } from "./sharp.ts";

/** Encodes a drawing as PNG, its text included. */
export async function drawingToPng({ width, height, pixels, texts }: Drawing): Promise<Uint8Array> {
  const [sharp, letters] = await Promise.all([loadSharp(), loadLetters()]);
  const paths = texts.map((text) => letters.svgPath(text)).join("");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${paths}</svg>`;
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(svg) }])
    .png()
    .toBuffer();
}

/**
 * Encodes grey levels as PNG.
 *
 * @param pixels - height * width bytes, row after row
 */
export async function greyToPng(pixels: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace("b-w")
    .png()
    .toBuffer();
}

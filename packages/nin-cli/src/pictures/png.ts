import type { Drawing, ImageSpec } from "nin-net";
import { loadLetters } from "./letters.ts";
import { loadSharp } from "./sharp.ts";

/** Encodes a drawing as PNG, its text included. */
export async function drawingToPng({ width, height, pixels, texts }: Drawing): Promise<Uint8Array> {
  const [sharp, letters] = await Promise.all([loadSharp(), loadLetters()]);
  const paths = texts.map((text) => letters.svgElement(text)).join("");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${paths}</svg>`;
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(svg) }])
    .png()
    .toBuffer();
}

/**
 * Encodes an image as PNG, grey or RGB.
 *
 * @param pixels - height * width * channels bytes, row after row, the channels of a pixel together
 */
export async function imageToPng(
  pixels: Uint8Array,
  { channels, height, width }: Pick<ImageSpec, "channels" | "height" | "width">,
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(pixels, { raw: { width, height, channels: channels === 1 ? 1 : 3 } })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png()
    .toBuffer();
}

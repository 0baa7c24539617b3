/** Gamma of sRGB as PNG writes it, times 100,000, and how far from it nothing is to be seen. */
const srgbGamma = 45455;
const closeGamma = 1000;

/**
 * What a PNG's `gAMA` chunk makes of each level, in sRGB; undefined where there is none, it says nothing but sRGB, or
 * a colour profile goes before it.
 *
 * @returns 256 levels
 * @see https://www.w3.org/TR/png-3/#11gAMA
 */
export function gammaLevels(png: Uint8Array): Uint8Array | undefined {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  let gamma: number | undefined;
  for (let at = 8; at + 12 <= png.length; at += 12 + view.getUint32(at)) {
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (type === "sRGB" || type === "iCCP" || type === "cICP") return undefined;
    if (type === "gAMA" && view.getUint32(at) === 4) gamma = view.getUint32(at + 8);
    if (type === "IDAT") break;
  }
  if (gamma === undefined || gamma === 0 || Math.abs(gamma - srgbGamma) <= closeGamma) return undefined;
  const exponent = 100_000 / gamma;
  return Uint8Array.from({ length: 256 }, (_, level) => Math.round(255 * encoded((level / 255) ** exponent)));
}

/** Light 0..1 as sRGB encodes it, IEC 61966-2-1. */
function encoded(light: number): number {
  return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
}

import type { RgbPicture } from "./shrink.ts";

/**
 * Sharpens with a Gaussian of radius 1 and standard deviation 1, edges continued: the kernel of ImageMagick's
 * `-sharpen 1x1`, minus the Gaussian around a centre of twice its sum, scaled to a sum of 1.
 *
 * @see https://legacy.imagemagick.org/script/command-line-options.php#sharpen
 */
export function sharpen({ width, height, data }: RgbPicture): RgbPicture {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let v = -1; v <= 1; v++) {
          const row = clamp(y + v, height - 1) * width;
          for (let u = -1; u <= 1; u++) {
            sum += weight(u, v) * data[(row + clamp(x + u, width - 1)) * 3 + channel]!;
          }
        }
        result[(y * width + x) * 3 + channel] = Math.round(clamp(sum, 255));
      }
    }
  }
  return { width, height, data: result };
}

const gaussian = (u: number, v: number) => Math.exp(-(u * u + v * v) / 2);
const gaussianSum = gaussian(0, 0) + 4 * gaussian(0, 1) + 4 * gaussian(1, 1);

function weight(u: number, v: number): number {
  const unscaled = u === 0 && v === 0 ? 2 * gaussianSum : -gaussian(u, v);
  return unscaled / (gaussianSum + gaussian(0, 0));
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}

import type { ImageSpec, Preprocessing } from "../core/image-spec.ts";
import { affineOf, preprocessedShape } from "../core/preprocessing.ts";

/**
 * Bytes as a network sees them: scaled by linear interpolation with half-pixel centres, edges clamped, divided by 255,
 * and normalised. Nothing is rounded on the way, where torchvision's `Resize` rounds each axis to 8 bits: enlarged
 * images stay within 1/255 of it. Reduced images are sampled without smoothing, as PyTorch's `interpolate` does.
 *
 * @param pixels - bytes, [N, H, W, C]
 * @param image - what the images are, as stored
 * @returns values in 0..1, or normalised ones, [N, C, height, width]
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html (align_corners=False)
 */
export function preprocessImages(
  pixels: Uint8Array,
  image: Pick<ImageSpec, "channels" | "height" | "width">,
  preprocessing: Preprocessing,
): Float32Array<ArrayBuffer> {
  const { channels, height, width } = image;
  const [, toHeight, toWidth] = preprocessedShape(image, preprocessing);
  const affine = affineOf(preprocessing);
  const count = pixels.length / (height * width * channels);
  const rows = interpolationTaps(height, toHeight);
  const columns = interpolationTaps(width, toWidth);
  const result = new Float32Array(count * channels * toHeight * toWidth);
  const row = new Float64Array(width);
  let out = 0;
  for (let plane = 0; plane < count * channels; plane++) {
    const channel = plane % channels;
    const start = ((plane - channel) / channels) * height * width * channels + channel;
    const scale = affine?.scale[channel] ?? 1;
    const shift = affine?.shift[channel] ?? 0;
    for (let y = 0; y < toHeight; y++) {
      const upper = start + rows.lower[y]! * width * channels;
      const lower = start + rows.upper[y]! * width * channels;
      const down = rows.share[y]!;
      for (let x = 0; x < width; x++) {
        const level = pixels[upper + x * channels]! * (1 - down) + pixels[lower + x * channels]! * down;
        row[x] = (level / 255) * scale + shift;
      }
      for (let x = 0; x < toWidth; x++) {
        const right = columns.share[x]!;
        result[out++] = row[columns.lower[x]!]! * (1 - right) + row[columns.upper[x]!]! * right;
      }
    }
  }
  return result;
}

/** Where each new pixel lies on an axis: `lower` * (1 - share) + `upper` * share. */
interface Taps {
  readonly lower: Uint32Array;
  readonly upper: Uint32Array;
  readonly share: Float64Array;
}

function interpolationTaps(from: number, to: number): Taps {
  const lower = new Uint32Array(to);
  const upper = new Uint32Array(to);
  const share = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const place = Math.max(((i + 0.5) * from) / to - 0.5, 0);
    lower[i] = Math.min(Math.floor(place), from - 1);
    upper[i] = Math.min(lower[i]! + 1, from - 1);
    share[i] = place - lower[i]!;
  }
  return { lower, upper, share };
}

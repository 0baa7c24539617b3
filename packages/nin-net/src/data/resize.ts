/**
 * Scales square grey images by linear interpolation with half-pixel centres, edges clamped, and divides by 255.
 * Nothing is rounded on the way, where torchvision's `Resize` rounds each axis to 8 bits: enlarged images stay
 * within 1/255 of it. Reduced images are sampled without smoothing, as PyTorch's `interpolate` does.
 *
 * @param pixels - grey levels 0..255, count * from * from bytes
 * @param from - pixels on each side of the images that come
 * @param to - pixels on each side of the images that go
 * @returns count * to * to values in 0..1
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html (align_corners=False)
 */
export function resizeImages(pixels: Uint8Array, from: number, to: number): Float32Array<ArrayBuffer> {
  if (from === to) return Float32Array.from(pixels, (level) => level / 255);
  const count = pixels.length / (from * from);
  const taps = interpolationTaps(from, to);
  const result = new Float32Array(count * to * to);
  const row = new Float64Array(from);
  let out = 0;
  for (let image = 0; image < count; image++) {
    const start = image * from * from;
    for (let y = 0; y < to; y++) {
      const upper = start + taps.lower[y]! * from;
      const lower = start + taps.upper[y]! * from;
      const down = taps.share[y]!;
      for (let x = 0; x < from; x++) {
        row[x] = (pixels[upper + x]! * (1 - down) + pixels[lower + x]! * down) / 255;
      }
      for (let x = 0; x < to; x++) {
        const right = taps.share[x]!;
        result[out++] = row[taps.lower[x]!]! * (1 - right) + row[taps.upper[x]!]! * right;
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

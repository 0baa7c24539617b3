import type { BatchSource, PixelBatch } from "#nin-net/train/batch-source.js";

/** A small data set: 8x8 images of three classes, bright above, below or on the left, with some noise. */
export function patches(count: number, batchSize: number): BatchSource {
  const side = 8;
  const image = (n: number): { pixels: Uint8Array; label: number } => {
    const label = n % 3;
    const pixels = Uint8Array.from({ length: side * side }, (_, i) => {
      const row = Math.floor(i / side);
      const column = i % side;
      const isBright = [row < 4, row >= 4, column < 4][label]!;
      return (isBright ? 200 : 20) + ((n * 37 + i * 11) % 50);
    });
    return { pixels, label };
  };
  return {
    count,
    batchSize,
    batchCount: Math.ceil(count / batchSize),
    *batches(): Generator<readonly [PixelBatch, Uint8Array]> {
      for (let start = 0; start < count; start += batchSize) {
        const images = Array.from({ length: Math.min(batchSize, count - start) }, (_, i) => image(start + i));
        const pixels = Uint8Array.from(images.flatMap((one) => [...one.pixels]));
        yield [
          {
            pixels,
            height: side,
            width: side,
            channels: 1,
            preprocessing: { resize: null, mean: null, std: null },
            shape: [images.length, 1, side, side],
            get data() {
              return Float32Array.from(pixels, (value) => value / 255);
            },
          },
          Uint8Array.from(images, ({ label }) => label),
        ];
      }
    },
  };
}

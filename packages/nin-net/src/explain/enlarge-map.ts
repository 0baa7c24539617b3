import type { ClassMap } from "./explain.ts";
import type { ReceptiveField } from "./receptive-field.ts";

/** Height and width in pixels. */
export type Size = readonly [height: number, width: number];

/**
 * Lays a map over the image it explains: each value at the centre of what its pixel looks at, linear in between,
 * continued to the edges. A map whose pixels have no place is stretched over the image.
 *
 * @param inputSize - of the image that the network saw
 * @param size - of the result
 * @returns height * width values, row after row
 */
export function enlargeMap(
  map: ClassMap,
  field: ReceptiveField | undefined,
  inputSize: Size,
  size: Size,
): Float32Array {
  const [height, width] = size;
  const down = taps(map.height, field, inputSize[0], height);
  const across = taps(map.width, field, inputSize[1], width);
  const result = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = down[y]!;
    for (let x = 0; x < width; x++) {
      const column = across[x]!;
      const along = (line: number) =>
        map.data[line * map.width + column.lower]! * (1 - column.share) +
        map.data[line * map.width + column.upper]! * column.share;
      result[y * width + x] = along(row.lower) * (1 - row.share) + along(row.upper) * row.share;
    }
  }
  return result;
}

interface Tap {
  readonly lower: number;
  readonly upper: number;
  /** Of `upper`, 0..1. */
  readonly share: number;
}

function taps(length: number, field: ReceptiveField | undefined, inputLength: number, count: number): Tap[] {
  const { start, step } = field ?? { start: inputLength / length / 2, step: inputLength / length };
  return Array.from({ length: count }, (_, i) => {
    const inInput = ((i + 0.5) * inputLength) / count;
    const place = Math.min(Math.max((inInput - start) / step, 0), length - 1);
    const lower = Math.floor(place);
    return { lower, upper: Math.min(lower + 1, length - 1), share: place - lower };
  });
}

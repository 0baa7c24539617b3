import type { ClassMap } from "./explain.ts";
import type { ReceptiveField } from "./receptive-field.ts";

/**
 * Lays a map over the image it explains: each value at the centre of what its pixel looks at, linear in between,
 * continued to the edges. A map whose pixels have no place is stretched over the image.
 *
 * @param inputSize - pixels on each side of the image that the network saw
 * @param size - pixels on each side of the result
 * @returns size * size values, row after row
 */
export function enlargeMap(
  map: ClassMap,
  field: ReceptiveField | undefined,
  inputSize: number,
  size: number,
): Float32Array {
  const down = taps(map.height, field, inputSize, size);
  const across = taps(map.width, field, inputSize, size);
  const result = new Float32Array(size * size);
  for (let y = 0; y < size; y++) {
    const row = down[y]!;
    for (let x = 0; x < size; x++) {
      const column = across[x]!;
      const along = (line: number) =>
        map.data[line * map.width + column.lower]! * (1 - column.share) +
        map.data[line * map.width + column.upper]! * column.share;
      result[y * size + x] = along(row.lower) * (1 - row.share) + along(row.upper) * row.share;
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

function taps(length: number, field: ReceptiveField | undefined, inputSize: number, size: number): Tap[] {
  const { start, step } = field ?? { start: inputSize / length / 2, step: inputSize / length };
  return Array.from({ length: size }, (_, i) => {
    const inInput = ((i + 0.5) * inputSize) / size;
    const place = Math.min(Math.max((inInput - start) / step, 0), length - 1);
    const lower = Math.floor(place);
    return { lower, upper: Math.min(lower + 1, length - 1), share: place - lower };
  });
}

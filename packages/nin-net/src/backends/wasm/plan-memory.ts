import { type Buffer, isBuffer } from "./lowering.ts";
import type { Wave } from "./waves.ts";

const alignment = 64;

/**
 * Gives every buffer that has no address yet a place in one arena. Buffers that are not in use at the same time
 * may share memory. Greedy by size: the largest buffer first, each at the lowest place that is free while it is
 * in use (Pisarchyk & Lee 2020, "Efficient memory management for deep neural net inference").
 *
 * @returns offsets in the arena, and the arena's size in bytes
 */
export function planMemory(waves: readonly Wave[]): {
  readonly offsets: ReadonlyMap<Buffer, number>;
  readonly bytes: number;
} {
  const uses = new Map<Buffer, { first: number; last: number }>();
  waves.forEach((wave, i) => {
    for (const arg of wave.flatMap(({ steps }) => steps).flatMap(({ args }) => args)) {
      if (!isBuffer(arg) || arg.address !== undefined) continue;
      const use = uses.get(arg);
      if (use) use.last = i;
      else uses.set(arg, { first: i, last: i });
    }
  });

  const offsets = new Map<Buffer, number>();
  const placed: { start: number; end: number; first: number; last: number }[] = [];
  let bytes = 0;
  for (const [buffer, { first, last }] of [...uses].sort(([a], [b]) => b.bytes - a.bytes)) {
    const size = Math.ceil(buffer.bytes / alignment) * alignment;
    let start = 0;
    for (const other of placed) {
      if (other.last < first || other.first > last) continue;
      if (start + size <= other.start) break;
      start = Math.max(start, other.end);
    }
    offsets.set(buffer, start);
    placed.push({ start, end: start + size, first, last });
    placed.sort((a, b) => a.start - b.start);
    bytes = Math.max(bytes, start + size);
  }
  return { offsets, bytes };
}

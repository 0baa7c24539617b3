import type { Buffer } from "./dispatch.ts";
import { paddedBytes } from "./usage.ts";

/** Memory that buffers of disjoint lifetimes share. */
export interface Slot {
  readonly bytes: number;
  readonly buffers: readonly Buffer[];
}

/**
 * Shares memory among buffers whose lifetimes do not overlap. Greedy by size: the largest buffer first, each in the
 * first slot that is free during its lifetime (Pisarchyk & Lee 2020, "Efficient memory management for deep
 * neural net inference", shared objects).
 *
 * A slot is a GPU buffer of its own: WebGPU does not allow a dispatch to read and write the same buffer.
 *
 * @param uses - for each dispatch, in order, the buffers it reads and writes
 * @returns largest slot first
 */
export function planMemory(uses: readonly (readonly Buffer[])[]): Slot[] {
  const spans = new Map<Buffer, { first: number; last: number }>();
  uses.forEach((buffers, i) => {
    for (const buffer of buffers) {
      if (buffer.persistent) continue;
      const span = spans.get(buffer);
      if (span) span.last = i;
      else spans.set(buffer, { first: i, last: i });
    }
  });
  const slots: { bytes: number; buffers: Buffer[]; spans: { first: number; last: number }[] }[] = [];
  for (const [buffer, span] of [...spans].sort(([a], [b]) => b.bytes - a.bytes)) {
    let slot = slots.find(({ spans: taken }) =>
      taken.every(({ first, last }) => last < span.first || first > span.last),
    );
    if (slot === undefined) {
      slot = { bytes: paddedBytes(buffer.bytes), buffers: [], spans: [] };
      slots.push(slot);
    }
    slot.buffers.push(buffer);
    slot.spans.push(span);
  }
  return slots;
}

/** Bytes of a plan. */
export function totalBytes(slots: readonly Slot[]): number {
  return slots.reduce((sum, { bytes }) => sum + bytes, 0);
}

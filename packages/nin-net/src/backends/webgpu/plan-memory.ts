import type { Buffer } from "./lowering.ts";
import { paddedBytes } from "./usage.ts";

/** Memory that several buffers share, one after the other. */
export interface Slot {
  readonly bytes: number;
  readonly buffers: readonly Buffer[];
}

/**
 * Shares memory among buffers that are not in use at the same time. Greedy by size: the largest buffer first, each
 * in the first slot that is free while it is in use (Pisarchyk & Lee 2020, "Efficient memory management for deep
 * neural net inference", shared objects).
 *
 * A slot is a GPU buffer of its own: WebGPU forbids to read and write one buffer in the same dispatch.
 *
 * @param uses - for each dispatch, in order, the buffers it reads and writes
 * @returns largest slot first
 */
export function planMemory(uses: readonly (readonly Buffer[])[]): Slot[] {
  const spans = new Map<Buffer, { first: number; last: number }>();
  uses.forEach((buffers, i) => {
    for (const buffer of buffers) {
      if (buffer.kept) continue;
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

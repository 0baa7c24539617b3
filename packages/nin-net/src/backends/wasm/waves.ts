import { type Buffer, type Instruction, isBuffer } from "./lowering.ts";

/** Instructions between two barriers: none of them touches what another one writes, and threads run them as one. */
export type Wave = readonly Instruction[];

/** Whether a buffer is only read by the instructions in question. */
export type IsReadOnly = (buffer: Buffer) => boolean;

/** Neighbours of which none writes what another one touches become one wave; the order stays. */
export function neighbourWaves(list: readonly Instruction[], isReadOnly: IsReadOnly): Wave[] {
  const waves: Instruction[][] = [];
  let read = new Set<Buffer>();
  let written = new Set<Buffer>();
  for (const instruction of list) {
    const { reads, writes } = touchedBy(instruction, isReadOnly);
    const waits =
      reads.some((buffer) => written.has(buffer)) ||
      writes.some((buffer) => written.has(buffer) || read.has(buffer));
    if (waves.length === 0 || waits) {
      waves.push([]);
      read = new Set();
      written = new Set();
    }
    waves.at(-1)!.push(instruction);
    for (const buffer of reads) read.add(buffer);
    for (const buffer of writes) written.add(buffer);
  }
  return waves;
}

/**
 * As few waves as there can be: each instruction comes as early as those before it on the same buffers allow. What is
 * done for each of a network's weights, one step after the other, is done for all of them side by side.
 */
export function earliestWaves(list: readonly Instruction[], isReadOnly: IsReadOnly): Wave[] {
  const waves: Instruction[][] = [];
  /** The wave after the last one that writes a buffer, and after the last one that touches it. */
  const written = new Map<Buffer, number>();
  const touched = new Map<Buffer, number>();
  for (const instruction of list) {
    const { reads, writes } = touchedBy(instruction, isReadOnly);
    const at = Math.max(
      0,
      ...reads.map((buffer) => written.get(buffer) ?? 0),
      ...writes.map((buffer) => touched.get(buffer) ?? 0),
    );
    if (at === waves.length) waves.push([]);
    waves[at]!.push(instruction);
    for (const buffer of writes) written.set(buffer, at + 1);
    for (const buffer of [...reads, ...writes]) {
      touched.set(buffer, Math.max(at + 1, touched.get(buffer) ?? 0));
    }
  }
  return waves;
}

/** What an instruction reads, and what else it touches: that, it may write. */
function touchedBy(
  { steps }: Instruction,
  isReadOnly: IsReadOnly,
): { readonly reads: readonly Buffer[]; readonly writes: readonly Buffer[] } {
  const reads = new Set<Buffer>();
  const writes = new Set<Buffer>();
  for (const step of steps) {
    for (const buffer of step.args.filter(isBuffer)) {
      if (isReadOnly(buffer)) continue;
      (step.reads.includes(buffer) ? reads : writes).add(buffer);
    }
  }
  return { reads: [...reads].filter((buffer) => !writes.has(buffer)), writes: [...writes] };
}

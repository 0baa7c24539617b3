import { type Buffer, type Instruction, isBuffer } from "./lowering.ts";

/** Instructions between two barriers: none of them touches what another one writes, and threads run them as one. */
export type Wave = readonly Instruction[];

/** Whether a buffer is only read by the instructions in question. */
export type IsReadOnly = (buffer: Buffer) => boolean;

/** Neighbours that do not touch the same buffers become one wave; the order stays. */
export function neighbourWaves(list: readonly Instruction[], isReadOnly: IsReadOnly): Wave[] {
  const waves: Instruction[][] = [];
  let touched = new Set<Buffer>();
  for (const instruction of list) {
    const own = touchedBy(instruction, isReadOnly);
    if (waves.length === 0 || own.some((buffer) => touched.has(buffer))) {
      waves.push([]);
      touched = new Set();
    }
    waves.at(-1)!.push(instruction);
    for (const buffer of own) touched.add(buffer);
  }
  return waves;
}

/**
 * As few waves as there can be: each instruction comes as early as those before it on the same buffers allow. What is
 * done for each of a network's weights, one step after the other, is done for all of them side by side.
 */
export function earliestWaves(list: readonly Instruction[], isReadOnly: IsReadOnly): Wave[] {
  const waves: Instruction[][] = [];
  /** The wave after the last one that touches a buffer. */
  const free = new Map<Buffer, number>();
  for (const instruction of list) {
    const own = touchedBy(instruction, isReadOnly);
    const at = Math.max(0, ...own.map((buffer) => free.get(buffer) ?? 0));
    if (at === waves.length) waves.push([]);
    waves[at]!.push(instruction);
    for (const buffer of own) free.set(buffer, at + 1);
  }
  return waves;
}

/** What an instruction reads and writes: which of the two, only its kernels know. */
function touchedBy({ steps }: Instruction, isReadOnly: IsReadOnly): Buffer[] {
  return steps.flatMap(({ args }) => args.filter(isBuffer)).filter((buffer) => !isReadOnly(buffer));
}

/** A fault that the tests of this folder bring about. */
export interface Fault {
  /** What was done. */
  readonly fault: string;
  /** What happens then; the test checks it. */
  readonly outcome: string;
  /** What a person is told, to the letter but for places, numbers of processes and codes, which stand in angle brackets. */
  readonly says?: string;
}

/** Every fault, in the order of the table in docs/reliability.md; each is tested once, by this name. */
export const faults = {
  workerEnded: {
    fault: "A worker thread is ended in the middle of a step",
    outcome: "the step fails at once, and so does every later one; the other threads stop waiting",
    says: "Thread 1 of the CPU backend died: it exited with code <code>. Open a new device to go on.",
  },
  kernelTraps: {
    fault: "A kernel reads outside its memory in the middle of a step",
    outcome: "the step fails, and so does every later one; the other threads stop waiting",
    says: "A thread of the CPU backend failed: memory access out of bounds. Open a new device to go on.",
  },
  workerNeverStarts: {
    fault: "A worker thread ends before it has started",
    outcome: "no device is opened, and no thread is left behind",
    says: "Thread <number> of the CPU backend died: it exited with code <code>. Open a new device to go on.",
  },
  usedAfterDispose: {
    fault: "A program, a state or a device is used after it was disposed of",
    outcome: "refused, whatever is called",
    says: "<What> was used after it was disposed of. Keep it until the last use, or create a new one.",
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;

/** Processes that work on one run together: ranks, as MPI calls them, and what they tell each other. */

import { NinError } from "../core/errors.ts";

/** Another rank has ended while this one still needed it: that is what went wrong first. */
export class RankEndedError extends NinError {
  /** The class's name, for `error.name`. */
  override name = "RankEndedError";
}

/** A message to or from another rank. */
export interface RankMessage {
  /** The other rank. */
  readonly rank: number;
  /** What is sent, or where to put what comes: both sides know how long it is. Not shared memory. */
  readonly data: Uint8Array;
}

/** How a rank's work has ended. */
export interface RankOutcome {
  /** Why it ended before the others; null: it did not. */
  readonly failure: string | null;
  /** What its process wants to exit with. */
  readonly status: number;
  /** Whether all ranks come to their end here, so that none waits for another one's messages. */
  readonly together: boolean;
}

/** How all ranks have ended. */
export interface RanksEnd {
  /** By rank; null for one that does not answer. */
  readonly outcomes: readonly (RankOutcome | null)[];
  /** False: messages are left over, or a rank does not answer; all processes are to be ended by `abort`. */
  readonly isClean: boolean;
}

/** This process among those that work on a run together. */
export interface Communicator {
  /** From 0. */
  readonly rank: number;
  /** Number of ranks. */
  readonly size: number;
  /** One line for people, e.g. `2 ranks of Open MPI 4.1.4`. */
  readonly description: string;
  /** The host of each rank. */
  readonly hosts: readonly string[];
  /** Ranks that run on the cores of this one, itself included. */
  readonly coreSharers: number;
  /** Spent in exchanges so far, waiting for slower ranks included. */
  readonly seconds: number;

  /**
   * Sends and receives at once, and resolves when all of it is done. Between two ranks messages keep their order.
   *
   * @throws NinError if another rank has ended or no longer answers
   */
  exchange(sends: readonly RankMessage[], receives: readonly RankMessage[]): Promise<void>;

  /**
   * Tells the other ranks how this one has ended and waits for theirs; there are no messages afterwards.
   */
  close(outcome?: RankOutcome): Promise<RanksEnd>;

  /** Ends the processes of all ranks at once, where they cannot come to an end together. */
  abort(status: number): void;
}

export const goodEnd: RankOutcome = { failure: null, status: 0, together: true };

/** A process on its own. */
export const soloCommunicator: Communicator = {
  rank: 0,
  size: 1,
  description: "one process",
  hosts: ["localhost"],
  coreSharers: 1,
  seconds: 0,
  exchange: async () => {},
  close: async (outcome = goodEnd) => ({ outcomes: [outcome], isClean: true }),
  abort: () => {},
};

const lengthBytes = 8;

/**
 * Gives every rank the values of all.
 *
 * @param value - what JSON can say
 * @returns by rank
 */
export async function gather<T>(communicator: Communicator, value: T): Promise<T[]> {
  const { rank, size } = communicator;
  const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);
  const own = new TextEncoder().encode(JSON.stringify(value));
  const length = new Uint8Array(new BigUint64Array([BigInt(own.length)]).buffer);
  const lengths = others.map((other) => ({ rank: other, data: new Uint8Array(lengthBytes) }));
  await communicator.exchange(
    others.map((other) => ({ rank: other, data: length })),
    lengths,
  );
  const texts = lengths.map(({ rank: other, data }) => {
    const bytes = Number(new BigUint64Array(data.buffer)[0]);
    return { rank: other, data: new Uint8Array(bytes) };
  });
  await communicator.exchange(
    others.map((other) => ({ rank: other, data: own })),
    texts,
  );
  const values = new Array<T>(size);
  values[rank] = value;
  for (const { rank: other, data } of texts) values[other] = JSON.parse(new TextDecoder().decode(data)) as T;
  return values;
}

/** Whether any rank says yes: every rank comes to the same answer, in log2(size) exchanges of one byte. */
export async function anyRank(communicator: Communicator, answer: boolean): Promise<boolean> {
  const { rank, size } = communicator;
  let any = answer;
  // Dissemination: after round k each rank knows of the 2^(k + 1) ranks up to itself.
  for (let distance = 1; distance < size; distance *= 2) {
    const received = new Uint8Array(1);
    await communicator.exchange(
      [{ rank: (rank + distance) % size, data: Uint8Array.of(Number(any)) }],
      [{ rank: (rank - distance + size) % size, data: received }],
    );
    any ||= received[0] !== 0;
  }
  return any;
}

/** Waits until every rank has come here. */
export async function barrier(communicator: Communicator): Promise<void> {
  await anyRank(communicator, false);
}

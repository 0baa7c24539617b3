import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Communicator,
  gather,
  launcherOf,
  NinError,
  openCommunicator,
  packageVersion,
  RankEndedError,
  type RankOutcome,
} from "nin-net";
import type { DeviceOptions } from "../options/common-options.ts";
import { optionName } from "../options/values.ts";
import { ExitStatus, UsageError } from "../terminal/exit-status.ts";
import { Output, type OutputStream } from "../terminal/output.ts";
import { sentenceOf } from "../terminal/sentence.ts";

/** Ranks that an MPI launcher has started the command as; one, where there is no launcher. */
export class Ranks {
  readonly communicator: Communicator;
  /** That of the first rank; the others print nothing. */
  readonly output: Output;
  #hasTrained = false;

  constructor(communicator: Communicator, output: Output) {
    this.communicator = communicator;
    this.output = communicator.rank === 0 ? output : silentOutput();
  }

  /** The one that writes the run's folder and prints. */
  get isFirst(): boolean {
    return this.communicator.rank === 0;
  }

  get areMany(): boolean {
    return this.communicator.size > 1;
  }

  /** From here on all ranks come to the same end. */
  trained(): void {
    this.#hasTrained = true;
  }

  get hasTrained(): boolean {
    return this.#hasTrained;
  }

  /** The first rank does something that writes to disks that others may share; then they find it there. */
  async firstRankFirst<T>(work: () => Promise<T>): Promise<T> {
    if (this.isFirst) {
      const result = await work();
      await gather(this.communicator, null);
      return result;
    }
    await gather(this.communicator, null);
    return work();
  }

  /**
   * Compares what each rank has.
   *
   * @param own - what this rank has: names, and values as people are to read them
   * @param fix - what to do about a difference
   * @throws NinError naming the first rank that has something else than the first one, and what
   */
  async mustAgree(own: Readonly<Record<string, string>>, fix: string): Promise<void> {
    const all = await gather(this.communicator, own);
    const [first] = all;
    all.forEach((theirs, rank) => {
      const names = [...new Set([...Object.keys(first!), ...Object.keys(theirs)])];
      const name = names.find((each) => theirs[each] !== first![each]);
      if (name === undefined) return;
      const [got, expected] = [theirs, first!].map((values) =>
        values[name] === undefined ? `no ${name}` : `${name} ${values[name]}`,
      );
      throw new NinError(`${this.#nameOf(rank)}: got ${got}, expected ${expected} as rank 0 has. ${fix}`);
    });
  }

  /** @throws NinError if the ranks were not called alike */
  async mustBeCalledAlike(options: object): Promise<void> {
    // Where each rank finds its data, and how it computes, is its own affair.
    const own = ["dataDir", "threads"];
    const call = Object.entries(options)
      .filter(([name]) => !own.includes(name))
      .map(([name, value]) => [optionName(name), JSON.stringify(value)] as const);
    await this.mustAgree(
      { "nin-net": packageVersion, ...Object.fromEntries(call) },
      "Start all ranks with the same options and the same version.",
    );
  }

  /** The options of a device for this rank: GPUs share no batches. */
  deviceOptions<O extends DeviceOptions>(options: O): O {
    if (!this.areMany) return options;
    if (options.device === "gpu" || options.precision === "f16") {
      throw new UsageError(
        `${options.device === "gpu" ? "--device: got gpu" : "--precision: got f16"} on ${this.communicator.description}, ` +
          "expected cpu. Ranks share batches on CPUs alone: leave it out, or use the GPU without mpirun.",
      );
    }
    return options.device === "auto" ? { ...options, device: "cpu" } : options;
  }

  #nameOf(rank: number): string {
    return `Rank ${rank} on ${this.communicator.hosts[rank]}`;
  }

  /**
   * Ends the work of all ranks together, however this one's has ended, and lets one of them say what went wrong.
   *
   * @returns what every rank exits with
   * @throws NinError what went wrong first, on the rank that says so
   */
  async end(outcome: RankOutcome, error: unknown): Promise<ExitStatus> {
    const { communicator } = this;
    const { outcomes, isClean } = await communicator.close(outcome);
    const failed = outcomes.findIndex((each) => each !== null && each.failure !== null);
    const status = statusOf(failed === -1 ? outcomes : [outcomes[failed]!]);
    const speaker = outcomes.findIndex((each) => each !== null);
    const message = failed === -1 ? null : outcomes[failed]!.failure!;
    if (!isClean) {
      if (communicator.rank === speaker && message !== null) await printed(this.output, message);
      // The others are ended by the one that speaks; should it fail to, they follow.
      if (communicator.rank !== speaker) await sleep(abortMilliseconds);
      communicator.abort(status);
      return status;
    }
    if (message === null) return status;
    if (communicator.rank !== speaker) {
      // Launchers end all processes when the first one fails.
      await sleep(speechMilliseconds);
      return status;
    }
    if (failed === speaker) throw error;
    const isAlone = outcomes.filter((each) => each?.failure === message).length === 1;
    const told = isAlone && !message.startsWith("Rank ") ? `${this.#nameOf(failed)}: ${message}` : message;
    throw status === ExitStatus.usage ? new UsageError(told) : new NinError(told);
  }
}

const [abortMilliseconds, speechMilliseconds] = [5000, 1000];

/** Whether this process has joined the others: it can do so once. */
let hasJoined = false;

/** Does the work of a command on every rank; see {@link Ranks.end} for how it ends. */
export async function amongRanks(
  output: Output,
  patienceSeconds: number | undefined,
  work: (ranks: Ranks) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  hasJoined = true;
  const ranks = new Ranks(await openCommunicator({ patienceSeconds }), output);
  if (!ranks.areMany) return work(ranks);
  try {
    const status = await work(ranks);
    return await ranks.end({ failure: null, status, together: ranks.hasTrained }, undefined);
  } catch (error) {
    return await ranks.end(outcomeOf(error), error);
  }
}

/** Commands that share their work among ranks, or tell of the host of each. */
const commandsOfRanks: readonly string[] = ["train", "sweep", "profile", "devices", "data", "help"];

/** @throws UsageError if ranks would all do the same work of a command */
export function refuseManyRanks(command: string): void {
  const { size = 1 } = launcherOf(process.env) ?? {};
  if (size === 1 || commandsOfRanks.includes(command)) return;
  throw new UsageError(
    `nin ${command}: got ${size} ranks, expected one process: they would all do the same. Call it without mpirun.`,
  );
}

/**
 * Lets one of the ranks say what is wrong with a call that was refused before they had joined.
 *
 * @returns what the others exit with
 * @throws the error, on the one that is to say it
 */
export async function refuseAmongRanks(error: unknown, output: Output): Promise<ExitStatus> {
  if (hasJoined || !(error instanceof UsageError)) throw error;
  return amongRanks(output, undefined, () => Promise.reject(error));
}

function outcomeOf(error: unknown): RankOutcome {
  const isEcho = error instanceof RankEndedError;
  return {
    failure: isEcho ? null : sentenceOf(error),
    status: error instanceof UsageError ? ExitStatus.usage : ExitStatus.failed,
    together: false,
  };
}

function statusOf(outcomes: readonly (RankOutcome | null)[]): ExitStatus {
  return Math.max(...outcomes.map((outcome) => outcome?.status ?? ExitStatus.failed)) as ExitStatus;
}

function printed(output: Output, message: string): Promise<void> {
  output.error(message);
  return new Promise((resolve) => {
    output.stderr.write("", () => resolve());
  });
}

function silentOutput(): Output {
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() }) as OutputStream;
  return new Output(nowhere(), nowhere());
}

import { fstatSync, readFileSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import { setImmediate as nextTask, setTimeout as sleep } from "node:timers/promises";
import { NinError } from "../core/errors.ts";
import {
  type Communicator,
  gather,
  goodEnd,
  RankEndedError,
  type RankMessage,
  type RankOutcome,
  type RanksEnd,
  soloCommunicator,
} from "./communicator.ts";
import { type Launcher, launcherOf } from "./launcher.ts";
import { loadMpi, type MpiLibrary, type MpiRequest } from "./mpi-library-node.ts";

/** How ranks wait for each other. */
export interface CommunicatorOptions {
  /** Seconds without a sign of life after which another rank is given up; default 60. */
  readonly patienceSeconds?: number | undefined;
}

/**
 * Joins the other processes that an MPI launcher (`mpirun`, `srun`) has started with this one. A process that was
 * started on its own is one rank.
 *
 *     const communicator = await openCommunicator();
 *     for await (const event of train(net, trainIter, testIter, recipe, { device, communicator })) { ... }
 *     await communicator.close();
 *
 * @throws NinError if a launcher has started this process and MPI cannot be loaded or says otherwise
 */
export async function openCommunicator(options: CommunicatorOptions = {}): Promise<Communicator> {
  const launcher = launcherOf(process.env);
  if (launcher === undefined || launcher.size === 1) return soloCommunicator;
  checkChannel(launcher, process.env.PMI_FD);
  const mpi = await loadMpi(launcher).catch((cause: Error) => {
    throw new NinError(`${startedAs(launcher)}, but cannot reach the other processes. ${cause.message}`, {
      cause,
    });
  });
  mpi.init();
  const [rank, size] = [mpi.rank(), mpi.size()];
  const expected = launcher.size ?? Math.max(size, launcher.rank + 1);
  if (rank !== launcher.rank || size !== expected) {
    mpi.finalize();
    throw new NinError(
      `${startedAs(launcher)}, but ${mpi.version} (${mpi.file}) says rank ${rank} of ${size}. ` +
        "Start with the mpirun of that library, or of the one that the launcher belongs to.",
    );
  }
  if (size === 1) {
    mpi.finalize();
    return soloCommunicator;
  }
  return MpiCommunicator.open(mpi, rank, size, options);
}

/** What `openCommunicator` would use: the library and the launcher; for people. */
export async function describeCommunicator(): Promise<string> {
  const launcher = launcherOf(process.env);
  const { version, file } = await loadMpi(launcher);
  return `${version}, ${file}${launcher ? `, started by ${launcher.name}` : ""}`;
}

/**
 * MPICH's launcher hands each rank a socket, under a number in the environment. A program between the two, npx for one,
 * keeps the variable and not the socket, and MPI_Init would end the process at once.
 */
function checkChannel(launcher: Launcher, number: string | undefined): void {
  if (number === undefined || isSocket(Number(number))) return;
  throw new NinError(
    `${startedAs(launcher)}, but cannot reach the launcher: the socket PMI_FD=${number} did not get here. ` +
      "Programs in between, such as npx, do not hand it on. Start node_modules/.bin/nin in place of npx nin.",
  );
}

function isSocket(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    return false;
  }
}

function startedAs({ name, rank, size }: Launcher): string {
  return `This process was started as rank ${rank}${size === undefined ? "" : ` of ${size}`} by ${name}`;
}

/** Kinds of messages, which do not wait for each other. */
const tags = { data: 1, signOfLife: 2, end: 3 } as const;
const beatMilliseconds = 1000;
/** Bytes of the message that tells how a rank has ended. */
const endBytes = 8192;
/** How long ranks that have not failed may take to notice that one has. */
const endSeconds = 10;
/**
 * A wait looks again at once for so long, then lets timers and signals in each time, then sleeps in between; where ranks
 * are more than cores it sleeps from the beginning.
 */
const [spinMilliseconds, eagerMilliseconds] = [0.2, 20];
/** How often a wait looks for the ends of other ranks. */
const lookMilliseconds = 5;

interface EndMessage extends RankOutcome {
  /** Whether the rank has begun to send or receive what will never be done. */
  readonly isBroken: boolean;
  /** Signs of life that it has given to the rank that reads this. */
  readonly signs: number;
}

/** Signs of life between this rank and another. */
interface Watched {
  /** Beats since the last one came. */
  silent: number;
  received: number;
  sent: number;
  sending: MpiRequest | undefined;
}

class MpiCommunicator implements Communicator {
  readonly rank: number;
  readonly size: number;
  readonly #mpi: MpiLibrary;
  readonly #patienceSeconds: number;
  #hosts: readonly string[] = [];
  #coreSharers = 1;
  #milliseconds = 0;
  #isCrowded = false;
  /** By rank; what is known of how it has ended. */
  readonly #ends = new Map<number, EndMessage>();
  /** Whose signs of life this rank looks for, and to whom it gives its own. */
  readonly #watched = new Map<number, Watched>();
  #isOpen = false;
  #isClosing = false;
  #timer: NodeJS.Timeout | undefined;
  /** Messages that will never be done. */
  #isBroken = false;

  private constructor(
    mpi: MpiLibrary,
    rank: number,
    size: number,
    { patienceSeconds = 60 }: CommunicatorOptions,
  ) {
    this.#mpi = mpi;
    this.rank = rank;
    this.size = size;
    this.#patienceSeconds = patienceSeconds;
  }

  static async open(
    mpi: MpiLibrary,
    rank: number,
    size: number,
    options: CommunicatorOptions,
  ): Promise<MpiCommunicator> {
    const communicator = new MpiCommunicator(mpi, rank, size, options);
    // A star: rank 0 watches all, all watch rank 0.
    for (const other of rank === 0 ? communicator.#others : [0]) {
      communicator.#watched.set(other, { silent: 0, received: 0, sent: 0, sending: undefined });
    }
    communicator.#timer = setInterval(() => communicator.#beat(), beatMilliseconds).unref();
    const places = await gather(communicator, { host: hostname(), cores: allowedCores() });
    const own = JSON.stringify(places[rank]);
    communicator.#hosts = places.map(({ host }) => host);
    communicator.#coreSharers = places.filter((place) => JSON.stringify(place) === own).length;
    communicator.#isCrowded = communicator.#coreSharers > availableParallelism();
    communicator.#isOpen = true;
    return communicator;
  }

  get description(): string {
    return `${this.size} ranks of ${this.#mpi.version}`;
  }

  get hosts(): readonly string[] {
    return this.#hosts;
  }

  get coreSharers(): number {
    return this.#coreSharers;
  }

  get seconds(): number {
    return this.#milliseconds / 1000;
  }

  get #others(): number[] {
    return Array.from({ length: this.size }, (_, other) => other).filter((other) => other !== this.rank);
  }

  async exchange(sends: readonly RankMessage[], receives: readonly RankMessage[]): Promise<void> {
    this.#check();
    const began = performance.now();
    const received = receives.map(({ rank, data }) => this.#mpi.receive(data, rank, tags.data));
    const sent = sends.map(({ rank, data }) => this.#mpi.send(data, rank, tags.data));
    const areDone = (requests: readonly MpiRequest[]) => requests.every((request) => request.isDone());
    try {
      await this.#wait(() => areDone(received) && areDone(sent));
      this.#milliseconds += performance.now() - began;
    } catch (error) {
      for (const request of received) {
        if (request.isDone()) continue;
        request.cancel();
        complete(request);
      }
      // What nobody will receive cannot be taken back.
      this.#isBroken ||= !areDone(sent);
      throw error;
    }
  }

  /** Waits until something is so; what other ranks do is noticed meanwhile. */
  async #wait(isSo: () => boolean): Promise<void> {
    const began = performance.now();
    let looked = began;
    while (!isSo()) {
      const now = performance.now();
      if (now - looked > lookMilliseconds) {
        looked = now;
        this.#readEnds();
        this.#check();
      }
      if (this.#isCrowded || now - began > eagerMilliseconds) await sleep(1);
      else if (now - began > spinMilliseconds) await nextTask();
    }
  }

  /** @throws NinError if another rank has failed or no longer answers */
  #check(): void {
    for (const [other, { together, failure }] of this.#ends) {
      // Before it ended it has sent what this rank needs to open; then it is told to whoever works with the ranks.
      if (!together && this.#isOpen)
        throw new RankEndedError(`Rank ${other} has ended: ${failure ?? "it was stopped."}`);
    }
    for (const other of this.#silentRanks()) {
      throw new NinError(
        `Rank ${other} on ${this.#hosts[other] ?? "its host"} has given no sign of life for ` +
          `${this.#patienceSeconds} seconds. See whether its process or host has stopped, and resume the run.`,
      );
    }
  }

  #silentRanks(): number[] {
    const beats = (1000 * this.#patienceSeconds) / beatMilliseconds;
    const isSilent = ([other, { silent }]: [number, Watched]) => silent > beats && !this.#ends.has(other);
    return [...this.#watched].filter(isSilent).map(([other]) => other);
  }

  /** Gives a sign of life, and looks for those of others. Time in which this process was stopped does not count. */
  #beat(): void {
    for (const [other, { silent }] of this.#watched) {
      const watched = this.#watched.get(other)!;
      watched.silent = this.#readSigns(other) ? 0 : silent + 1;
      if (this.#isClosing || watched.sending?.isDone() === false) continue;
      watched.sending = this.#mpi.send(new Uint8Array(1), other, tags.signOfLife);
      watched.sent++;
    }
  }

  /** @returns whether there were any */
  #readSigns(other: number): boolean {
    const watched = this.#watched.get(other)!;
    const before = watched.received;
    while (this.#mpi.probe(other, tags.signOfLife)) {
      complete(this.#mpi.receive(new Uint8Array(1), other, tags.signOfLife));
      watched.received++;
    }
    return watched.received > before;
  }

  #readEnds(): void {
    for (const other of this.#others) {
      if (this.#ends.has(other) || !this.#mpi.probe(other, tags.end)) continue;
      const data = new Uint8Array(endBytes);
      complete(this.#mpi.receive(data, other, tags.end));
      const text = new TextDecoder().decode(data.subarray(0, data.indexOf(0)));
      this.#ends.set(other, JSON.parse(text) as EndMessage);
    }
  }

  async close(outcome: RankOutcome = goodEnd): Promise<RanksEnd> {
    this.#isClosing = true;
    const failure = outcome.failure?.slice(0, endBytes / 8) ?? null;
    const requests = this.#others.map((other) => {
      const signs = this.#watched.get(other)?.sent ?? 0;
      const end: EndMessage = { ...outcome, failure, signs, isBroken: this.#isBroken };
      const data = new Uint8Array(endBytes);
      data.set(new TextEncoder().encode(JSON.stringify(end)));
      return this.#mpi.send(data, other, tags.end);
    });
    this.#readEnds();
    // A rank that has not failed may still have to write what it has learned.
    const deadline = outcome.together ? Number.POSITIVE_INFINITY : performance.now() + 1000 * endSeconds;
    const isAnswered = (other: number) => this.#ends.has(other) || this.#silentRanks().includes(other);
    while (!this.#others.every(isAnswered) && performance.now() < deadline) {
      await sleep(1);
      this.#readEnds();
    }
    clearInterval(this.#timer);
    const ends = Array.from({ length: this.size }, (_, other) =>
      other === this.rank
        ? { ...outcome, failure, isBroken: this.#isBroken }
        : (this.#ends.get(other) ?? null),
    );
    const isClean = ends.every((each) => each !== null && !each.isBroken);
    if (isClean) this.#finalize(requests);
    return { outcomes: ends, isClean };
  }

  /** Nothing may be on its way any more. */
  #finalize(requests: readonly MpiRequest[]): void {
    // What was sent to a rank that has ended early.
    for (const other of this.#others) while (this.#mpi.drop(other, tags.data));
    for (const [other, watched] of this.#watched) {
      while (watched.received < this.#ends.get(other)!.signs) this.#readSigns(other);
      if (watched.sending) complete(watched.sending);
    }
    requests.forEach(complete);
    this.#mpi.finalize();
  }

  abort(status: number): void {
    this.#mpi.abort(status);
  }
}

/** Ends what another rank has already done its part of. */
function complete(request: MpiRequest): void {
  while (!request.isDone());
}

/** The cores that this process may run on, as Linux lists them; empty where it cannot be told. */
function allowedCores(): string {
  try {
    return /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
  } catch {
    return "";
  }
}

/**
 * The machine's own MPI library, called by way of koffi. Only what is the same in every implementation differs here:
 * how handles are passed, and the few constants. Calls block and are made on the main thread alone.
 */
import { NinError } from "../core/errors.ts";
import type { Launcher } from "./launcher.ts";

/** How a library passes handles. */
interface Abi {
  /** Types of koffi. */
  readonly handle: "void *" | "int" | "intptr_t";
  /** The name of a handle's global variable, or its value. */
  readonly world: string | number;
  readonly byte: string | number;
}

interface Candidate {
  readonly file: string;
  readonly abi: Abi;
}

const mpich: Abi = { handle: "int", world: 0x44000000, byte: 0x4c00010d };

/**
 * In the order in which they are tried.
 *
 * @see MPI 5.0, chapter 20 "Application Binary Interface (ABI)", for libmpi_abi.so
 * @see https://github.com/open-mpi/ompi/blob/v4.1.x/ompi/include/mpi.h.in
 * @see https://www.mpich.org/abi/ for libmpi.so.12: MPICH, Intel MPI, MVAPICH, Cray MPT
 */
const candidates: readonly Candidate[] = [
  { file: "libmpi_abi.so", abi: { handle: "intptr_t", world: 0x101, byte: 0x247 } },
  { file: "libmpi.so.40", abi: { handle: "void *", world: "ompi_mpi_comm_world", byte: "ompi_mpi_byte" } },
  { file: "libmpi.so.12", abi: mpich },
  // Debian's name for MPICH.
  { file: "libmpich.so.12", abi: mpich },
];

type NativeFunction = (...args: unknown[]) => number;

interface NativeLibrary {
  func(prototype: string): NativeFunction;
  symbol(name: string): unknown;
}

interface Koffi {
  load(file: string, options?: { readonly global?: boolean }): NativeLibrary;
}

/** The calls that are made of MPI. */
export interface MpiLibrary {
  readonly file: string;
  /** E.g. `Open MPI 4.1.4`. */
  readonly version: string;
  init(): void;
  rank(): number;
  size(): number;
  /** Begins to send; the data must stay until it is done. */
  send(data: Uint8Array, to: number, tag: number): MpiRequest;
  /** Begins to receive. */
  receive(data: Uint8Array, from: number, tag: number): MpiRequest;
  /** Whether a message of this tag waits to be received. */
  probe(from: number, tag: number): boolean;
  /** Receives a message that waits, of whatever length, and drops it. @returns whether there was one */
  drop(from: number, tag: number): boolean;
  /** Ends the process if other ranks keep it from ending in order. */
  finalize(): void;
  /** Ends every rank; does not return, and ends this one even where its launcher cannot be reached. */
  abort(status: number): void;
}

export interface MpiRequest {
  /** Whether it is done. */
  isDone(): boolean;
  /** Gives up receiving; it is done soon afterwards. */
  cancel(): void;
}

/** How long the last calls may take before the system ends the process, by SIGALRM. */
const [finalizeSeconds, abortSeconds] = [60, 10];

/** As long as any implementation's status, and more. */
const statusBytes = 128;

/**
 * Loads the library of the launcher's implementation.
 *
 * @param launcher - undefined: whichever there is
 * @throws NinError if koffi or every library is missing
 */
export async function loadMpi(launcher: Launcher | undefined): Promise<MpiLibrary> {
  const koffi = await loadKoffi();
  const reasons: string[] = [];
  for (const { file, abi } of candidates) {
    let version: string;
    try {
      version = versionOf(koffi.load(file));
    } catch (error) {
      reasons.push(`${file}: ${(error as Error).message.split("\n")[0]}`);
      continue;
    }
    if (belongsTo(version, launcher)) return bind(koffi.load(file, { global: true }), file, version, abi);
    reasons.push(`${file} is ${version}`);
  }
  throw new NinError(
    `There is no MPI library${launcher ? ` that fits the launcher, ${launcher.name}` : ""} (${reasons.join("; ")}). ` +
      "Install one, e.g. Debian's openmpi-bin or mpich, and start with its own mpirun.",
  );
}

async function loadKoffi(): Promise<Koffi> {
  // Not a literal, so that bundlers leave it alone.
  const name = "koffi";
  try {
    return ((await import(name)) as { default: Koffi }).default;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new NinError(
      code === "ERR_MODULE_NOT_FOUND"
        ? "The package koffi is not installed, which calls MPI in Node. Run npm install koffi."
        : `The package koffi does not load: ${message.split("\n")[0]}. Install it again with npm install koffi.`,
    );
  }
}

/** May be asked before MPI is initialised. */
function versionOf(library: NativeLibrary): string {
  const text = Buffer.alloc(8192);
  const length = Buffer.alloc(64);
  library.func("int MPI_Get_library_version(void *, void *)")(text, length);
  const words = text.toString("latin1", 0, text.indexOf(0));
  const [, openMpi] = /Open MPI v?([\d.]+\w*)/.exec(words) ?? [];
  if (openMpi !== undefined) return `Open MPI ${openMpi}`;
  const [, mpich] = /MPICH Version:\s*(\S+)/.exec(words) ?? [];
  return mpich === undefined ? words.split("\n")[0]!.trim().slice(0, 60) : `MPICH ${mpich}`;
}

/** Whether a launcher's processes find each other by this library. */
function belongsTo(version: string, launcher: Launcher | undefined): boolean {
  const isOpenMpi = version.startsWith("Open MPI");
  switch (launcher?.name) {
    case "Open MPI":
      return isOpenMpi;
    case "MPICH":
      return !isOpenMpi;
    default:
      return true;
  }
}

function bind(library: NativeLibrary, file: string, version: string, abi: Abi): MpiLibrary {
  const { handle } = abi;
  const value = (of: string | number) => (typeof of === "string" ? library.symbol(of) : of);
  const world = value(abi.world);
  const byte = value(abi.byte);
  const call = (name: string, prototype: string): ((...args: unknown[]) => void) => {
    const native = library.func(`int ${name}(${prototype})`);
    return (...args) => {
      const code = native(...args);
      if (code !== 0) throw new NinError(`${name} failed with error ${code}. See what the launcher printed.`);
    };
  };
  const init = call("MPI_Init", "void *, void *");
  const commRank = call("MPI_Comm_rank", `${handle}, void *`);
  const commSize = call("MPI_Comm_size", `${handle}, void *`);
  const isend = call("MPI_Isend", `void *, int, ${handle}, int, int, ${handle}, void *`);
  const irecv = call("MPI_Irecv", `void *, int, ${handle}, int, int, ${handle}, void *`);
  const test = call("MPI_Test", "void *, void *, void *");
  const iprobe = call("MPI_Iprobe", `int, int, ${handle}, void *, void *`);
  const count = call("MPI_Get_count", `void *, ${handle}, void *`);
  const cancel = call("MPI_Cancel", "void *");
  const finalize = call("MPI_Finalize", "");
  const abort = call("MPI_Abort", `${handle}, int`);
  // Of the C library, which every MPI library is linked with.
  const alarm = library.func("unsigned int alarm(unsigned int)");

  // Not within the heap of JavaScript, where they would move: see Buffer.poolSize.
  const flag = new Int32Array(new ArrayBuffer(1024));
  const status = new Uint8Array(statusBytes);
  const asked = (ask: (answer: Int32Array) => void): number => {
    ask(flag);
    return flag[0]!;
  };
  const requestOf = (data: Uint8Array, begin: (request: Uint8Array) => void): MpiRequest => {
    const request = new Uint8Array(new ArrayBuffer(128));
    begin(request);
    return {
      isDone() {
        test(request, flag, status);
        // The data are named so that they stay until then.
        return flag[0] !== 0 && data.length >= 0;
      },
      cancel: () => cancel(request),
    };
  };
  const receive = (data: Uint8Array, from: number, tag: number): MpiRequest =>
    requestOf(data, (request) => irecv(data, data.length, byte, from, tag, world, request));
  const probe = (from: number, tag: number): boolean =>
    asked((answer) => iprobe(from, tag, world, answer, status)) !== 0;
  return {
    file,
    version,
    init: () => init(null, null),
    rank: () => asked((answer) => commRank(world, answer)),
    size: () => asked((answer) => commSize(world, answer)),
    send: (data, to, tag) =>
      requestOf(data, (request) => isend(data, data.length, byte, to, tag, world, request)),
    receive,
    probe,
    drop(from, tag) {
      if (!probe(from, tag)) return false;
      const bytes = asked((answer) => count(status, byte, answer));
      const request = receive(new Uint8Array(bytes), from, tag);
      while (!request.isDone());
      return true;
    },
    finalize() {
      // MPICH 4.0.2 may wait here for ever, over UCX: https://github.com/pmodels/mpich/pull/6596
      alarm(finalizeSeconds);
      finalize();
      alarm(0);
    },
    abort(code) {
      // MPICH waits here for the answer of a launcher that may be beyond a link that is cut.
      alarm(abortSeconds);
      abort(world, code);
    },
  };
}

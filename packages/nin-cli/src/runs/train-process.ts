/** `nin train` in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { type DoneEvent, makeFolders, type TrainEvent, withoutLauncher } from "nin-net";
import { programCommand } from "../terminal/invocation.ts";
import { writing } from "./run-folder-files.ts";
import { lockWhenFree } from "./run-folder-lock.ts";
import { logName } from "./run-path.ts";

/** A run that a process of its own trains. */
export interface RunCall {
  readonly folder: string;
  /** The words after `nin train` that decide the run; not where it lies. */
  readonly settings: readonly string[];
  /** The words that say where its data are and how it computes: for a run that goes on too. */
  readonly conditions: readonly string[];
}

export interface TrainProcessOptions {
  /** Told of every event. */
  readonly onEvent: (event: TrainEvent) => void;
  /** Lets the run end in a checkpoint once it is aborted. */
  readonly signal: AbortSignal;
}

/** How a process has ended. */
export type TrainProcessEnd =
  | { readonly kind: "finished"; readonly done: DoneEvent }
  /** Because the signal was aborted. */
  | { readonly kind: "stopped" }
  /** In a sentence. */
  | { readonly kind: "failed"; readonly message: string };

/**
 * Begins a run, or goes on with it, in a process of `nin train`: on the same Node as this process, and never as a rank
 * of its launcher. What it says to people is added to `train.log` in the run's folder. Whatever ends this process, the
 * run ends too, in a checkpoint.
 *
 * @throws DataError if the folder cannot be written to
 */
export async function trainProcess(
  { folder, settings, conditions }: RunCall,
  { onEvent, signal }: TrainProcessOptions,
): Promise<TrainProcessEnd> {
  const isBegun = existsSync(join(folder, "config.json"));
  const words = [...(isBegun ? ["--resume", folder] : [...settings, "--out", folder]), ...conditions];
  const file = join(folder, logName);
  await writing(folder, () => makeFolders(folder));
  (await lockWhenFree(folder, signal))[Symbol.dispose]();
  const log = await writing(file, async () => openSync(file, "a"));
  const { size: logBytes } = fstatSync(log);
  const [node, ...args] = programCommand();
  const child = spawn(node, [...args, "train", ...words, "--json"], {
    stdio: ["ignore", "pipe", log, "ipc"],
    env: withoutLauncher(process.env),
    // A terminal's Ctrl-C is for this process, which tells the other.
    detached: true,
  });
  closeSync(log);
  // The end of the channel is what tells the process to stop, also where this one is killed.
  const stop = () => child.connected && child.disconnect();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  let done: DoneEvent | undefined;
  let begunLine = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    const lines = (begunLine + text).split("\n");
    begunLine = lines.pop()!;
    for (const line of lines) {
      const event = JSON.parse(line) as TrainEvent;
      if (event.kind === "done") done = event;
      onEvent(event);
    }
  });
  try {
    const { status, by } = await endOf(child);
    if (status === 0 && done?.reason === "finished") return { kind: "finished", done };
    if (signal.aborted) return { kind: "stopped" };
    return { kind: "failed", message: lastError(file, logBytes) ?? endText(status, by) };
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function endText(status: number | null, by: NodeJS.Signals | null): string {
  if (by === null) return `Its process ended with exit status ${status}.`;
  const why = by === "SIGKILL" ? ", as a system does that is short of memory" : "";
  return `Its process was ended by ${by}${why}.`;
}

/** Processes that must not outlive this one. */
const running = new Set<ChildProcess>();

function killRunning(): void {
  for (const child of running) child.kill("SIGKILL");
}

async function endOf(
  child: ChildProcess,
): Promise<{ readonly status: number | null; readonly by: NodeJS.Signals | null }> {
  if (running.size === 0) process.on("exit", killRunning);
  running.add(child);
  try {
    // There is no event "close" once this process has ended the channel.
    const isRead = new Promise((resolve) => child.stdout!.on("close", resolve));
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (status, by) => isRead.then(() => resolve({ status, by })));
    });
  } finally {
    running.delete(child);
    if (running.size === 0) process.off("exit", killRunning);
  }
}

/** The last error in a log, as the command prints it, after so many bytes; undefined: there is none. */
function lastError(file: string, fromByte: number): string | undefined {
  const lines = stripVTControlCharacters(readFileSync(file).subarray(fromByte).toString("utf8")).split("\n");
  return lines.findLast((line) => line.startsWith(errorMark))?.slice(errorMark.length);
}

const errorMark = "error: ";

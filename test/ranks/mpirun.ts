import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Ended } from "../cli/run-nin.js";

/** An MPI launcher of this machine. */
export interface Launcher {
  readonly name: string;
  readonly command: string;
  readonly options: readonly string[];
}

export const openMpi: Launcher = {
  name: "Open MPI",
  command: "mpirun.openmpi",
  // More ranks than cores, and perhaps as root in a container.
  options: ["--oversubscribe", "--allow-run-as-root"],
};
export const mpich: Launcher = { name: "MPICH", command: "mpirun.mpich", options: [] };

/** Why a launcher cannot be tested here; false where it can. */
export function cannotLaunch({ command }: Launcher): string | false {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return false;
  } catch {
    return `${command} is not installed (Debian: openmpi-bin libopenmpi3 mpich)`;
  }
}

/** Ranks that are called alike. */
export interface RankCall {
  readonly ranks: number;
  readonly args: readonly string[];
  /** A command that starts `nin`, with words before it; default: none. */
  readonly before?: readonly string[];
  /** The file of `nin`; default: this checkout's. */
  readonly file?: string;
}

export interface LaunchOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Once the output has this text: sent to the launcher, or to what `act` finds. */
  readonly at?: { readonly text: string; readonly act: (launcher: number) => void };
}

/** Runs `nin` on ranks, as a person would. */
export function launch(
  launcher: Launcher,
  calls: readonly RankCall[],
  { env = {}, at }: LaunchOptions = {},
): Promise<Ended> {
  const args = calls.flatMap(({ ranks, args: each, before = [], file = "bin/nin.js" }, i) => [
    ...(i > 0 ? [":"] : []),
    ...["-n", String(ranks), ...before, process.execPath, file, ...each],
  ]);
  const child = spawn(launcher.command, [...launcher.options, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  let hasActed = false;
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (part: string) => {
      text[stream] += part;
      if (at === undefined || hasActed || !`${text.stdout}${text.stderr}`.includes(at.text)) return;
      hasActed = true;
      at.act(child.pid!);
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...text }));
  });
}

/** The processes of `nin` whose command line has this text, those of launchers left out; by rank. */
export function rankProcesses(text: string): number[] {
  const found = readdirSync("/proc").flatMap((pid) => {
    try {
      const isRank = readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(
        `${process.execPath}\0bin/nin.js`,
      );
      if (!isRank || !readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text)) return [];
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      const found = /(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)/.exec(environment);
      return [{ pid: Number(pid), rank: Number(found?.[1]) }];
    } catch {
      return []; // ended meanwhile, or no process
    }
  });
  return found.sort((a, b) => a.rank - b.rank).map(({ pid }) => pid);
}

/** 30 training and 13 test images of noise in MNIST's files: batches of 11 leave one of 8. */
export function tinyData(folder: string, salt = 0): string {
  mkdirSync(folder, { recursive: true });
  let state = 12345 + salt;
  const next = (): number => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return (state >>> 16) & 255;
  };
  const header = (magic: number, ...lengths: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(4 * (1 + lengths.length));
    for (const [i, word] of [magic, ...lengths].entries()) bytes.writeUInt32BE(word, 4 * i);
    return bytes;
  };
  for (const [count, name] of [
    [30, "train"],
    [13, "t10k"],
  ] as const) {
    const pixels = Buffer.from(Array.from({ length: count * 784 }, next));
    const labels = Buffer.from(Array.from({ length: count }, (_, i) => i % 10));
    const write = (file: string, bytes: readonly Buffer[]) =>
      writeFileSync(join(folder, `${name}-${file}-ubyte.gz`), gzipSync(Buffer.concat(bytes)));
    write("images-idx3", [header(0x803, count, 28, 28), pixels]);
    write("labels-idx1", [header(0x801, count), labels]);
  }
  return folder;
}

/**
 * A run with all that may depend on how a batch is shared: dropout, augmentations, statistics of slices, momenta,
 * averages. Eleven slices a batch, eight of the last one, thirteen test images.
 */
export const recipe = [
  ...[
    "--dataset",
    "mnist",
    "--no-verify",
    "--net",
    "nin-small",
    "--widths",
    "8,16,16",
    "--batch-size",
    "11",
    "--slice",
    "1",
  ],
  ...["--momentum", "0.9", "--dropout", "0.3", "--augment", "flip,shift:2", "--ema", "0.9"],
];

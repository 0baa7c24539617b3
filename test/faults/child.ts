import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Breakage } from "./broken-files.js";

export interface ChildOptions {
  readonly breakage?: Breakage;
  /** Ends a worker thread of the child in the middle of the run. */
  readonly endsWorker?: boolean;
  /** Called once the child has begun. */
  readonly onBegun?: (child: ChildProcess) => void;
  /** Sends kill -9 so many milliseconds after the child has begun. */
  readonly killAfter?: number;
}

export interface ChildEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** From when it had begun. */
  readonly milliseconds: number;
}

const script = fileURLToPath(new URL("./tiny-run.js", import.meta.url));

/** Runs tiny-run.ts in a process of its own. */
export function tinyRun(
  folder: string,
  action: "begin" | "resume",
  threads: number,
  { breakage, endsWorker = false, killAfter, onBegun }: ChildOptions = {},
): Promise<ChildEnd> {
  const preload = [breakage && "broken-files.js", endsWorker && "ended-worker.js"]
    .filter((name) => typeof name === "string")
    .map((name) => `--import=${new URL(name, import.meta.url)}`);
  const child = spawn(process.execPath, [...preload, script, folder, action, String(threads)], {
    env: { PATH: process.env.PATH, ...(breakage && { BROKEN_FILES: JSON.stringify(breakage) }) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  let began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  child.stdout.once("data", () => {
    began = performance.now();
    onBegun?.(child);
    if (killAfter !== undefined) timer = setTimeout(() => child.kill("SIGKILL"), killAfter);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      resolve({ status, signal, stderr: stderr.trim(), milliseconds: performance.now() - began });
    });
  });
}

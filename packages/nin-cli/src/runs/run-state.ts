import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DivergenceEvent, type DoneEvent, NinError } from "nin-net";
import { RunFolder } from "./run-folder.ts";

/** How far a run has come, by what lies in its folder. */
export type RunState =
  | { readonly kind: "missing" }
  /** Stopped or killed: it can go on. */
  | { readonly kind: "begun" }
  | { readonly kind: "finished"; readonly done: DoneEvent }
  /** Its files cannot be read; why, in a sentence. */
  | { readonly kind: "damaged"; readonly message: string }
  /** It would diverge again. */
  | { readonly kind: "diverged"; readonly divergence: DivergenceEvent };

/** What has become of the run in a folder. */
export async function runStateOf(path: string): Promise<RunState> {
  if (!existsSync(join(path, "config.json"))) return { kind: "missing" };
  try {
    return await stateOfRun(path);
  } catch (error) {
    if (error instanceof NinError) return { kind: "damaged", message: error.message };
    throw error;
  }
}

async function stateOfRun(path: string): Promise<RunState> {
  const run = await RunFolder.open(path);
  const events = (await run.findHistory())?.events() ?? [];
  const done = events.at(-1);
  if (done?.kind !== "done" || done.reason === "stopped") return { kind: "begun" };
  if (done.reason === "finished") return { kind: "finished", done };
  return { kind: "diverged", divergence: events.findLast((event) => event.kind === "divergence")! };
}

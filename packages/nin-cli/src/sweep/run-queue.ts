/** Trains runs, several at a time, each in a process of its own. */
import { type DoneEvent, NinError } from "nin-net";
import { duration, three } from "../report/figures.ts";
import type { RunState } from "../runs/run-state.ts";
import { type RunCall, trainProcess } from "../runs/train-process.ts";
import type { RunsView } from "../terminal/progress/runs-view.ts";

/** A run to train. */
export interface QueuedRun {
  readonly name: string;
  readonly call: RunCall;
}

/** What has become of a run. */
export type RunOutcome =
  | { readonly kind: "finished"; readonly done: DoneEvent }
  /** Stopped, or not begun: the same command goes on with it. */
  | { readonly kind: "open" }
  /** In a sentence. */
  | { readonly kind: "failed"; readonly message: string };

/** What has become of a run before; null: it is still to be trained. */
export function outcomeBefore(state: RunState): RunOutcome | null {
  switch (state.kind) {
    case "finished":
      return state;
    case "damaged":
      return { kind: "failed", message: state.message };
    case "diverged":
      return { kind: "failed", message: state.divergence.message };
    case "missing":
    case "begun":
      return null;
    default:
      return state satisfies never;
  }
}

/**
 * Trains runs that have not ended.
 *
 * @param told - is told of each outcome, for programs
 * @returns by run
 */
export async function trainQueued<R extends QueuedRun>(
  runs: readonly R[],
  {
    jobs,
    view,
    signal,
    told,
  }: {
    /** At a time. */
    readonly jobs: number;
    readonly view: RunsView;
    /** Lets all of them end in a checkpoint. */
    readonly signal: AbortSignal;
    readonly told: (run: R, outcome: RunOutcome) => void;
  },
): Promise<ReadonlyMap<R, RunOutcome>> {
  const outcomes = new Map<R, RunOutcome>(runs.map((run) => [run, { kind: "open" }]));
  const waiting = [...runs];
  let ended = 0;
  const next = (): R | undefined => {
    const run = signal.aborted ? undefined : waiting.shift();
    if (run !== undefined) view.begin(run.name);
    return run;
  };
  const work = async (): Promise<void> => {
    let run = next();
    while (run !== undefined) {
      const outcome = await trained(run, view, signal);
      outcomes.set(run, outcome);
      told(run, outcome);
      if (outcome.kind !== "open") ended++;
      const last = run;
      run = next();
      view.end(last.name, `${outcomeText(outcome)} (${ended} of ${runs.length})`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, runs.length) }, work));
  return outcomes;
}

async function trained(run: QueuedRun, view: RunsView, signal: AbortSignal): Promise<RunOutcome> {
  try {
    const onEvent = view.show.bind(view, run.name);
    const end = await trainProcess(run.call, { onEvent, signal });
    return end.kind === "stopped" ? { kind: "open" } : end;
  } catch (error) {
    if (!(error instanceof NinError)) throw error;
    // Of its folder alone: the others go on.
    return signal.aborted ? { kind: "open" } : { kind: "failed", message: error.message };
  }
}

function outcomeText(outcome: RunOutcome): string {
  switch (outcome.kind) {
    case "finished":
      return `test acc ${three(outcome.done.testAccuracy)}, ${duration(outcome.done.seconds)}`;
    case "open":
      return "stopped";
    case "failed":
      return `failed: ${outcome.message}`;
    default:
      return outcome satisfies never;
  }
}

/**
 * A profile as a Chrome trace, for https://ui.perfetto.dev or chrome://tracing.
 *
 * @see Chrome's "Trace Event Format": complete events ("X") in microseconds
 */
import type { ProfileRow } from "../backends/backend.ts";
import type { Profile } from "./profile.ts";

/** One event of a {@link ChromeTrace}. */
export interface TraceEvent {
  /** What ran, or what is named. */
  readonly name: string;
  /** `X`: an event with a beginning and a length; `M`: the name of the process or thread. */
  readonly ph: "X" | "M";
  /** There is one process. */
  readonly pid: 1;
  /** There is one thread. */
  readonly tid: 1;
  /** Microseconds since the run began. */
  readonly ts?: number;
  /** Microseconds. */
  readonly dur?: number;
  /** Shown beside the event. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** A trace in the format that Chrome's tracing page and Perfetto read. */
export interface ChromeTrace {
  /** The unit that viewers show; the events themselves are in microseconds. */
  readonly displayTimeUnit: "ms";
  /** What ran, one event after the other. */
  readonly traceEvents: readonly TraceEvent[];
  /** Shown with the trace: what was measured, and on what. */
  readonly otherData: Readonly<Record<string, string>>;
}

/**
 * Lays the instructions of a run one after the other: those of the step, then of each slice, then those that end the
 * step. A profile knows how long an instruction took in all slices together, so every slice shows its mean.
 *
 * @param title - names the process
 */
export function chromeTrace({ rows }: Profile, title: string): ChromeTrace {
  const events: TraceEvent[] = [named("process_name", title), named("thread_name", "instructions in order")];
  let now = 0;
  const show = (name: string, group: readonly ProfileRow[]): void => {
    const began = now;
    const children = group.map((row) => {
      const dur = (1e6 * row.seconds) / row.runs;
      const event = complete(row.kernel, now, dur, argsOf(row));
      now += dur;
      return event;
    });
    events.push(complete(name, began, now - began, {}), ...children);
  };

  const groups = stretches(rows);
  const of = (phase: ProfileRow["phase"]) => groups.filter((group) => group[0]!.phase === phase);
  const slices = of("slice").flatMap((group) => Array.from({ length: group[0]!.runs }, () => group));
  for (const group of of("step")) show("once a step, before the slices", group);
  slices.forEach((group, i) => {
    show(`slice ${i + 1} of ${slices.length}`, group);
  });
  for (const group of of("finish")) show("once a step, after the slices", group);
  return {
    displayTimeUnit: "ms",
    traceEvents: events,
    otherData: {
      note: "Instructions are drawn in order; within a slice each shows its mean over the slices.",
    },
  };
}

/** Rows as they stand side by side in one phase: the instructions of whole slices, of the step, of a short last slice. */
function stretches(rows: readonly ProfileRow[]): ProfileRow[][] {
  const groups: ProfileRow[][] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last !== undefined && last[0]!.phase === row.phase) last.push(row);
    else groups.push([row]);
  }
  return groups;
}

function argsOf({ op, shape, seconds, runs, flops, bytes }: ProfileRow): Record<string, unknown> {
  return {
    ...(op !== undefined && { op }),
    ...(shape !== undefined && { shape: shape.join("x") }),
    runs,
    ...(flops > 0 && { gigaflopsPerSecond: perSecond(flops, seconds) }),
    ...(bytes > 0 && { gigabytesPerSecond: perSecond(bytes, seconds) }),
  };
}

/** In billions, with one decimal; 0 where nothing was spent. */
function perSecond(amount: number, seconds: number): number {
  return seconds > 0 ? Math.round(amount / seconds / 1e8) / 10 : 0;
}

function complete(name: string, ts: number, dur: number, args: TraceEvent["args"]): TraceEvent {
  return { name, ph: "X", pid: 1, tid: 1, ts, dur, args };
}

function named(name: "process_name" | "thread_name", value: string): TraceEvent {
  return { name, ph: "M", pid: 1, tid: 1, args: { name: value } };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProfileRow } from "#nin-net/backends/backend.js";
import { chromeTrace, type TraceEvent } from "#nin-net/train/profile-trace.js";

const row = (kernel: string, phase: ProfileRow["phase"], runs: number, seconds: number): ProfileRow => ({
  op: "relu",
  kernel,
  shape: [2, 3],
  phase,
  runs,
  seconds,
  flops: 4e9,
  bytes: 0,
});

/** Two whole slices and a short one; rows as a program gives them. */
const rows = [
  row("a", "slice", 2, 0.004),
  row("b", "slice", 2, 0.002),
  row("pack", "step", 1, 0.01),
  row("update", "finish", 1, 0.02),
  row("a", "slice", 1, 0.001),
];

const complete = ({ traceEvents }: { traceEvents: readonly TraceEvent[] }) =>
  traceEvents.filter(({ ph }) => ph === "X");

test("instructions lie in the order of the run, each slice with its mean time, in microseconds", () => {
  const events = complete(chromeTrace({ images: 5, seconds: 1, rows }, "title"));
  assert.deepEqual(
    events.map(({ name, ts, dur }) => [name, Math.round(ts!), Math.round(dur!)]),
    [
      ["once a step, before the slices", 0, 10000],
      ["pack", 0, 10000],
      ["slice 1 of 3", 10000, 3000],
      ["a", 10000, 2000],
      ["b", 12000, 1000],
      ["slice 2 of 3", 13000, 3000],
      ["a", 13000, 2000],
      ["b", 15000, 1000],
      ["slice 3 of 3", 16000, 1000],
      ["a", 16000, 1000],
      ["once a step, after the slices", 17000, 20000],
      ["update", 17000, 20000],
    ],
  );
});

test("events carry what the instruction was and how fast", () => {
  const events = complete(chromeTrace({ images: 5, seconds: 1, rows }, "title"));
  assert.deepEqual(events.find(({ name }) => name === "a")!.args, {
    op: "relu",
    shape: "2x3",
    runs: 2,
    gigaflopsPerSecond: 1000,
  });
});

test("the process has the title; every event has what the trace format demands", () => {
  const trace = chromeTrace({ images: 5, seconds: 1, rows }, "title");
  assert.deepEqual(trace.traceEvents[0], {
    name: "process_name",
    ph: "M",
    pid: 1,
    tid: 1,
    args: { name: "title" },
  });
  for (const event of complete(trace)) {
    assert.ok(event.pid === 1 && event.tid === 1 && event.ts! >= 0 && event.dur! >= 0, event.name);
  }
});

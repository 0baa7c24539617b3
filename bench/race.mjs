// Runs contestants against each other: round after round each measures once while the others wait, so that all of
// them see the same machine, whatever else it does.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

/** Threads of some contestants spin for a while after their work. */
const settleMs = 100;

/**
 * @param rounds - measurements of each, after its warm-up
 * @param note - is told what happens
 * @returns what each measured, in order, and those that could not
 */
export async function race(contestants, rounds, note) {
  const running = [];
  const failed = [];
  const attempt = async (contestant, work) => {
    try {
      return await work();
    } catch (error) {
      failed.push(`${contestant.label}: ${error.message}`);
      note(`cannot: ${failed.at(-1)}`);
      contestant.failed = true;
      contestant.process?.stop();
    }
  };
  try {
    for (const contestant of contestants.map((entry) => ({ ...entry, results: [] }))) {
      await attempt(contestant, async () => {
        await contestant.prepare?.();
        contestant.process = await start(contestant.command);
        for (let i = 0; i < contestant.warmUps; i++) await contestant.process.measure();
        running.push(contestant);
        note(`ready: ${contestant.label}`);
      });
    }
    for (let round = 0; round < rounds; round++) {
      for (const contestant of running) {
        if (contestant.failed || round >= (contestant.rounds ?? rounds)) continue;
        await pause(settleMs);
        await attempt(contestant, async () => contestant.results.push(await contestant.process.measure()));
      }
      if (running.length > 0) note(`round ${round + 1} of ${rounds}`);
    }
  } finally {
    for (const contestant of running) contestant.process.stop();
  }
  return { rows: running.filter(({ results }) => results.length > 0).map(rowOf), failed };
}

/** Starts a process and waits until it is ready. */
async function start([program, ...args]) {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  const gone = new Promise((_, reject) => child.on("error", reject));
  gone.catch(() => {});
  child.stdin.on("error", () => {}); // it ended; what it said is read below
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors = (errors + text).slice(-10000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextObject = async () => {
    for (;;) {
      const { value, done } = await Promise.race([lines.next(), gone]);
      if (done) throw new Error(complaint(errors));
      if (value.startsWith("{")) return JSON.parse(value);
    }
  };
  const { device, node } = await nextObject();
  return {
    device,
    node,
    measure: () => {
      child.stdin.write("go\n");
      return nextObject();
    },
    stop: () => child.kill(),
  };
}

/** The line that says what went wrong. */
export function complaint(errors) {
  const lines = errors.split("\n").map((line) => line.trim());
  const last = lines.filter((line) => line !== "" && !line.startsWith("Node.js v")).at(-1);
  return lines.find((line) => /^\w*Error\b.*:/.test(line)) ?? last ?? "it ended without a word";
}

function rowOf({ table, name, process: { device, node }, results }) {
  const unit = results[0].gflops === undefined ? "imagesPerSecond" : "gflops";
  const values = results.map((result) => result[unit]);
  return {
    table,
    name,
    device,
    node,
    unit,
    median: median(values),
    lowest: Math.min(...values),
    highest: Math.max(...values),
    measurements: values.length,
    peakBytes: results.at(-1).peakBytes,
  };
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

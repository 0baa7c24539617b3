#!/usr/bin/env node
/**
 * How fast ranks are.
 *
 *     node bench/ranks.mjs [--rounds 5] [--mpirun "mpirun.openmpi --bind-to none"]
 *         two ranks with one thread each against one process with two threads, in turns: images a second of twelve
 *         steps of the tutorial's recipe; then the model below with the measured step
 *     node bench/ranks.mjs --simulate SECONDS [--bytes 8e6]
 *         the model of docs/distributed.md alone: SECONDS is what a step of the tutorial's recipe takes one rank
 *
 * Run the first on a quiet machine: what else computes slows both down, but not alike.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    mpirun: { type: "string", default: "mpirun --bind-to none" },
    simulate: { type: "string" },
    bytes: { type: "string", default: "8e6" },
  },
});

/** The tutorial's. */
const batch = 128;
/** Of a step's computing, what follows the first gradients: the backward pass takes twice as long as the forward one. */
const backwardShare = 2 / 3;

if (values.simulate === undefined) measure(Number(values.rounds), values.mpirun.split(" "));
else simulate(Number(values.simulate), Number(values.bytes));

/** Rounds of both, in turns; the medians. */
function measure(rounds, mpirun) {
  const scratch = mkdtempSync(join(tmpdir(), "nin-ranks-"));
  const found = { process: [], ranks: [], ratio: [], exchange: [] };
  try {
    for (let round = 0; round < rounds; round++) {
      const one = run([process.execPath], ["--threads", "2"], join(scratch, `one-${round}`));
      const two = run(
        [...mpirun, "-n", "2", process.execPath],
        ["--threads", "1"],
        join(scratch, `two-${round}`),
      );
      found.process.push(one.imagesPerSecond);
      found.ranks.push(two.imagesPerSecond);
      found.ratio.push(two.imagesPerSecond / one.imagesPerSecond);
      found.exchange.push(two.exchangeSeconds / two.seconds);
      const [a, b] = [one.imagesPerSecond, two.imagesPerSecond].map((speed) => speed.toFixed(1));
      console.log(`round ${round + 1}: one process ${a}, two ranks ${b} images/s`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const [a, b] = [median(found.process), median(found.ranks)];
  const ratios = [Math.min(...found.ratio), median(found.ratio), Math.max(...found.ratio)].map(percent);
  console.log(`medians: one process ${a.toFixed(1)}, two ranks ${b.toFixed(1)} images/s`);
  console.log(`ratio of a round: ${ratios[1]} (median), ${ratios[0]} to ${ratios[2]}`);
  console.log(
    `exchanges and waits: ${percent(median(found.exchange))} of an epoch, a test of 128 images included`,
  );
  simulate(batch / a, Number(values.bytes));
}

function run(launcher, threads, out) {
  const data = ["--dataset", "synthetic", "--limit", String(12 * batch), "--test-limit", String(batch)];
  const recipe = [...data, "--epochs", "1", "--quiet", "--out", out];
  const [command, ...args] = [...launcher, "bin/nin.js", "train", ...recipe, ...threads];
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  const lines = readFileSync(join(out, "events.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line)).find(({ kind }) => kind === "epoch");
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

/**
 * Efficiency at 2 to 256 ranks over links of several speeds, as tables of Markdown. The latency of a message is 30
 * microseconds where it goes through TCP and 1 where the network card does all of it (RDMA).
 */
function simulate(stepSeconds, bytes) {
  const links = [
    { name: "1 Gbit/s", bytesPerSecond: 1e9 / 8, latency: 30e-6 },
    { name: "10 Gbit/s", bytesPerSecond: 10e9 / 8, latency: 30e-6 },
    { name: "25 Gbit/s", bytesPerSecond: 25e9 / 8, latency: 30e-6 },
    { name: "100 Gbit/s, RDMA", bytesPerSecond: 100e9 / 8, latency: 1e-6 },
  ];
  const addition = additionSeconds(bytes / 4);
  console.log(
    `\nSimulated: a step of ${batch} images takes one rank ${stepSeconds.toPrecision(3)} s, ` +
      `adding ${bytes / 1e6} MB to as many ${(1000 * addition).toFixed(1)} ms (measured now)`,
  );
  const tables = [
    { title: "Batch 128 (16 slices), as it is", times: 1, hidden: 0 },
    { title: "Batch 2,048 (256 slices)", times: 16, hidden: 0 },
    { title: "Batch 2,048, exchanges hidden behind the backward pass", times: 16, hidden: backwardShare },
  ];
  for (const { title, times, hidden } of tables) {
    const table = [["ranks", ...links.map(({ name }) => name)]];
    for (let ranks = 2; ranks <= 256; ranks *= 2) {
      const whole = times * stepSeconds;
      const slices = times * 16;
      const computing = (whole * Math.ceil(slices / ranks)) / slices;
      const rounds = Math.ceil(Math.log2(Math.min(ranks, slices)));
      const cells = links.map(({ bytesPerSecond, latency }) => {
        const exchanging = rounds * (latency + bytes / bytesPerSecond + addition);
        const seconds = computing + Math.max(0, exchanging - hidden * computing);
        return percent(whole / (ranks * seconds));
      });
      table.push([String(ranks), ...cells]);
    }
    console.log(`\n${title}:\n\n${markdown(table)}`);
  }
}

/** Seconds that a rank takes to add what it has received to what it has; the lowest of many. */
function additionSeconds(length) {
  const [left, right] = [new Float32Array(length).fill(1), new Float32Array(length).fill(1e-3)];
  const times = Array.from({ length: 30 }, () => {
    const began = performance.now();
    for (let i = 0; i < length; i++) left[i] += right[i];
    return (performance.now() - began) / 1000;
  });
  return Math.min(...times);
}

function markdown([head, ...rows]) {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padStart(widths[i])).join(" | ")} |`;
  return [line(head), line(widths.map((width) => `${"-".repeat(width - 1)}:`)), ...rows.map(line)].join("\n");
}

#!/usr/bin/env node
/**
 * How fast ranks are.
 *
 *     node bench/ranks.mjs [--rounds 5] [--mpirun "mpirun.openmpi --bind-to none"]   two ranks with one thread each
 *         against one process with two threads, in turns: images a second of some steps of the tutorial's recipe
 *     node bench/ranks.mjs --simulate SECONDS [--slices 16] [--bytes 8e6]            the model of docs/distributed.md,
 *         with the measured seconds of a step on one rank
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
    slices: { type: "string", default: "16" },
    bytes: { type: "string", default: "8e6" },
  },
});

if (values.simulate === undefined) measure(Number(values.rounds), values.mpirun.split(" "));
else simulate(Number(values.simulate), Number(values.slices), Number(values.bytes));

/** Rounds of both, in turns; the medians. */
function measure(rounds, mpirun) {
  const scratch = mkdtempSync(join(tmpdir(), "nin-ranks-"));
  const found = { process: [], ranks: [], exchange: [] };
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
      found.exchange.push(two.exchangeSeconds / two.seconds);
      const [a, b] = [one.imagesPerSecond, two.imagesPerSecond];
      console.log(`round ${round + 1}: one process ${a.toFixed(1)}, two ranks ${b.toFixed(1)} images/s`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const [a, b] = [median(found.process), median(found.ranks)];
  console.log(`median: one process ${a.toFixed(1)}, two ranks ${b.toFixed(1)} images/s, ${percent(b / a)}`);
  console.log(`exchanges and waits: ${percent(median(found.exchange))} of an epoch, evaluation included`);
}

function run(launcher, threads, out) {
  const recipe = ["--dataset", "synthetic", "--limit", "512", "--epochs", "1", "--quiet", "--out", out];
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

/** Efficiency at 2 to 256 ranks, links of several speeds; latency of a message 1 microsecond (RDMA) or 30 (TCP). */
function simulate(stepSeconds, slices, bytes) {
  const links = [
    { name: "1 Gbit/s", bytesPerSecond: 1e9 / 8, latency: 30e-6 },
    { name: "10 Gbit/s", bytesPerSecond: 10e9 / 8, latency: 30e-6 },
    { name: "25 Gbit/s", bytesPerSecond: 25e9 / 8, latency: 30e-6 },
    { name: "100 Gbit/s", bytesPerSecond: 100e9 / 8, latency: 1e-6 },
  ];
  const row = (cells) => `| ${cells.map((cell) => String(cell).padStart(10)).join(" | ")} |`;
  console.log(row(["ranks", ...links.map(({ name }) => name)]));
  console.log(row(["---", ...links.map(() => "---")]));
  for (let ranks = 2; ranks <= 256; ranks *= 2) {
    const computing = (stepSeconds * Math.ceil(slices / ranks)) / slices;
    const cells = links.map(({ bytesPerSecond, latency }) => {
      const exchanging = Math.ceil(Math.log2(Math.min(ranks, slices))) * (latency + bytes / bytesPerSecond);
      return percent(stepSeconds / (ranks * (computing + exchanging)));
    });
    console.log(row([ranks, ...cells]));
  }
}

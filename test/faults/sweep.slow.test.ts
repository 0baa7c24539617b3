import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Ended, runNin, temporaryFolder } from "../cli/run-nin.js";
import { tinyData } from "../ranks/mpirun.js";
import { faultTest } from "./fault-test.js";
import { bitsOf } from "./run-bits.js";

/** Thirty images, twenty-four epochs: long enough to be ended within. */
const settings = ["--dataset", "mnist", "--no-verify", "--net", "lenet", "--epochs", "24", "--lr", "0.1"];

/** The rows of the second table: labels, accuracies, what was trained. */
function resultRows({ stdout }: Ended): string[] {
  return stdout.split("\n\n")[1]!.split("\n").slice(1);
}

/** A sweep that goes on until something is done to it. */
class Sweep {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  stderr = "";

  constructor(args: readonly string[]) {
    this.process = spawn(process.execPath, ["bin/nin.js", ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.process.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => this.process.on("exit", (status) => resolve(status)));
  }

  /** Waits until a run has come to the end of an epoch. */
  async epochOf(run: string, epoch: number): Promise<void> {
    const file = join(run, "events.jsonl");
    const mark = new RegExp(`"kind":"epoch","epoch":${epoch},`);
    while (!existsSync(file) || !mark.test(readFileSync(file, "utf8"))) {
      assert.equal(this.process.exitCode, null, this.stderr);
      await sleep(5);
    }
  }
}

const seeds = ["seed=1", "seed=2"];

/** The command, into a folder, and what it comes to undisturbed. */
async function calmSweep(scratch: string) {
  const data = tinyData(join(scratch, "data"));
  const call = (folder: string) => [
    ...["sweep", ...settings, "--data-dir", data, "--seeds", "1-2", "--jobs", "2", "--out", folder],
  ];
  const whole = join(scratch, "whole");
  const ended = await runNin(call(whole));
  assert.equal(ended.status, 0, ended.stderr);
  const bits = await Promise.all(seeds.map((seed) => bitsOf(join(whole, seed))));
  return { call, bits, rows: resultRows(ended) };
}

faultTest(
  "sweepKilled",
  async (happens, t) => {
    const scratch = temporaryFolder(t);
    const out = join(scratch, "sweep");
    const { call, bits, rows } = await calmSweep(scratch);

    const stopped = new Sweep(call(out));
    await stopped.epochOf(join(out, "seed=1"), 2);
    stopped.process.kill("SIGTERM");
    assert.equal(await stopped.ended, 143, stopped.stderr);
    assert.match(stopped.stderr, /^Stopping: each run ends in a checkpoint\. Ctrl-C again stops at once\.$/m);
    assert.match(stopped.stderr, /^Stopped with \d of 2 runs done; the same command goes on from here\.$/m);
    await happens("each run ends in a checkpoint", () =>
      assert.match(
        readFileSync(join(out, "seed=1", "train.log"), "utf8"),
        /^Stopped; the weights so far are in /m,
      ),
    );

    const killed = new Sweep(call(out));
    await killed.epochOf(join(out, "seed=2"), 12);
    const runs = runsIn(out);
    killed.process.kill("SIGKILL");
    await killed.ended;
    await happens("no run outlives the sweep", async () => {
      assert.ok(runs.size > 0);
      const patience = AbortSignal.timeout(10_000);
      while (runsIn(out).size > 0) {
        patience.throwIfAborted();
        await sleep(20);
      }
    });

    const last = await runNin(call(out));
    assert.equal(last.status, 0, last.stderr);
    await happens("the same command goes on, to the same bits of every run and the same table", async () => {
      assert.deepEqual(await Promise.all(seeds.map((seed) => bitsOf(join(out, seed)))), bits);
      assert.deepEqual(resultRows(last), rows);
    });
    return undefined;
  },
  { timeout: 300_000 },
);

faultTest(
  "sweepRunKilled",
  async (happens, t) => {
    const scratch = temporaryFolder(t);
    const out = join(scratch, "sweep");
    const { call, bits, rows } = await calmSweep(scratch);

    const sweep = new Sweep(call(out));
    await sweep.epochOf(join(out, "seed=1"), 2);
    process.kill(runsIn(out).get("seed=1")!, "SIGKILL");
    const status = await sweep.ended;
    await happens("the sweep ends with exit status 1", () => assert.equal(status, 1, sweep.stderr));
    await happens("the other runs come to their end", async () =>
      assert.deepEqual(await bitsOf(join(out, "seed=2")), bits[1]),
    );

    const last = await runNin(call(out));
    assert.equal(last.status, 0, last.stderr);
    await happens("the same command trains what is missing of that run, to the same bits", async () => {
      assert.match(last.stderr, /^2 runs in \S+sweep: 1 done, 1 begun; /m);
      assert.deepEqual(await bitsOf(join(out, "seed=1")), bits[0]);
      assert.deepEqual(resultRows(last), rows);
    });
    return /^error: (seed=1: .*)$/m.exec(sweep.stderr)?.[1];
  },
  { timeout: 300_000 },
);

/** The processes that train a sweep's runs, by the run's name. */
function runsIn(folder: string): Map<string, number> {
  const found = readdirSync("/proc").flatMap((pid): [string, number][] => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      const path = words.find((word) => word.startsWith(`${folder}/`));
      return path !== undefined && words.includes("train") ? [[basename(path), Number(pid)]] : [];
    } catch {
      return []; // ended meanwhile, or no process
    }
  });
  return new Map(found);
}

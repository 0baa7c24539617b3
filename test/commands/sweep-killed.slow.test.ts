import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Ended, runNin, temporaryFolder } from "../cli/run-nin.js";
import { bitsOf } from "../faults/run-bits.js";
import { tinyData } from "../ranks/mpirun.js";

/** Thirty images, eight epochs: long enough to be ended within. */
const settings = ["--dataset", "mnist", "--no-verify", "--net", "lenet", "--epochs", "8", "--lr", "0.1"];

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

test("stopped, then killed, the same command goes on to the same bits", { timeout: 300_000 }, async (t) => {
  const scratch = temporaryFolder(t);
  const [out, whole] = [join(scratch, "sweep"), join(scratch, "whole")];
  const data = tinyData(join(scratch, "data"));
  const call = (folder: string) => [
    ...["sweep", ...settings, "--data-dir", data, "--seeds", "1-2", "--jobs", "2", "--out", folder],
  ];
  const runs = ["seed=1", "seed=2"];
  const undisturbed = await runNin(call(whole));
  assert.equal(undisturbed.status, 0, undisturbed.stderr);

  const stopped = new Sweep(call(out));
  await stopped.epochOf(join(out, "seed=1"), 2);
  stopped.process.kill("SIGTERM");
  assert.equal(await stopped.ended, 143, stopped.stderr);
  assert.match(stopped.stderr, /^Stopping: each run ends in a checkpoint\. Ctrl-C again stops at once\.$/m);
  assert.match(stopped.stderr, /^Stopped with \d of 2 runs done; the same command goes on from here\.$/m);
  assert.match(
    readFileSync(join(out, "seed=1", "train.log"), "utf8"),
    /^Stopped; the weights so far are in /m,
  );

  const killed = new Sweep(call(out));
  await killed.epochOf(join(out, "seed=2"), 5);
  killed.process.kill("SIGKILL");
  await killed.ended;

  const last = await runNin(call(out));
  assert.equal(last.status, 0, last.stderr);
  for (const run of runs) assert.deepEqual(await bitsOf(join(out, run)), await bitsOf(join(whole, run)));
  assert.deepEqual(resultRows(last), resultRows(undisturbed));
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { NinNet } from "#nin-net/models/nin.js";
import { type RunOptions, runNin, temporaryFolder } from "../cli/run-nin.js";
import type { Breakage } from "./broken-files.js";
import { faultTest } from "./fault-test.js";
import { bitsOf } from "./run-bits.js";

/** Two epochs of three steps, with all that must be remembered: momenta, dropout, the images' order. */
const recipe = [
  "--dataset",
  "drawn",
  "--resize",
  "67",
  "--limit",
  "12",
  "--batch-size",
  "4",
  "--epochs",
  "2",
];
const begin = ["train", ...recipe, "--momentum", "0.9", "--checkpoint-every", "0.000001", "--json"];

const at = (text: string): RunOptions => ({ signalAt: { text, signal: "SIGKILL" } });

/** Ends the process within a write, as a preload of {@link Breakage} does. */
function within(breakage: Omit<Breakage, "effect">): RunOptions {
  const preload = new URL("broken-files.js", import.meta.url);
  return {
    env: {
      NODE_OPTIONS: `--import=${preload}`,
      BROKEN_FILES: JSON.stringify({ ...breakage, effect: "kill" }),
    },
  };
}

/** By name, how the process is ended. */
const moments: Readonly<Record<string, RunOptions>> = {
  "as training starts": at('"kind":"start"'),
  "in the first epoch": at('"kind":"step","epoch":1,"step":2'),
  "while a checkpoint is written": within({
    file: "checkpoint.safetensors.part",
    operation: "write",
    call: 3,
  }),
  "while the first epoch is tested": at('"kind":"step","epoch":1,"step":3'),
  "while the best weights are renamed": within({
    file: "best.safetensors.part",
    operation: "rename",
    call: 1,
  }),
  "in the second epoch": at('"kind":"step","epoch":2,"step":1'),
};

faultTest(
  "killedCommand",
  async (happens, t) => {
    const scratch = temporaryFolder(t);
    const calm = join(scratch, "calm");
    const { status, stderr } = await runNin([...begin, "--threads", "2", "--out", calm]);
    assert.equal(status, 0, stderr);
    const bits = await bitsOf(calm);

    for (const [i, [moment, options]] of Object.entries(moments).entries()) {
      const path = join(scratch, moment);
      const killed = await runNin([...begin, "--threads", "2", "--out", path], options);
      assert.equal(killed.status, null, `${moment}: ended by itself. ${killed.stderr}`);
      await happens("a checkpoint is always readable", async () => {
        const run = await RunFolder.open(path);
        if ((await run.findCheckpoint("last")) !== null) await run.loadCheckpoint(new NinNet());
      });
      await happens(
        "resumed by `nin train --resume` with 1, 2 or 3 threads, each comes to the same bits",
        async () => {
          const resumed = await runNin(["train", "--resume", path, "--threads", String(1 + (i % 3))]);
          assert.equal(resumed.status, 0, `${moment}: ${resumed.stderr}`);
          assert.deepEqual(await bitsOf(path), bits, moment);
        },
      );
    }
    return undefined;
  },
  { timeout: 300_000 },
);

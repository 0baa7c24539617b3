import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { syntheticSplit } from "#nin-net/data/datasets/synthetic.js";
import { encodeIdx } from "#nin-net/data/formats/idx.js";
import { NinNet } from "#nin-net/models/nin.js";
import { gpuEnvironment, noGpu } from "../backends/software-gpu.js";
import { type Ended, runNin, temporaryFolder } from "../cli/run-nin.js";
import { faultTest } from "./fault-test.js";
import { bitsOf } from "./run-bits.js";

const skip = await noGpu();

/** A data set so small that a GPU that a CPU plays gets through it. */
function writeData(folder: string): void {
  mkdirSync(join(folder, "fashion-mnist"), { recursive: true });
  for (const [name, part, count] of [["train", 0, 4] as const, ["t10k", 1, 2] as const]) {
    const { images, labels } = syntheticSplit(3, part, count);
    writeFileSync(
      join(folder, "fashion-mnist", `${name}-images-idx3-ubyte`),
      encodeIdx(images, "images", { height: 28, width: 28 }),
    );
    writeFileSync(join(folder, "fashion-mnist", `${name}-labels-idx1-ubyte`), encodeIdx(labels, "labels"));
  }
}

faultTest(
  "gpuLost",
  async (happens, t) => {
    const scratch = temporaryFolder(t);
    const data = join(scratch, "data");
    writeData(data);
    const onGpu = ["--device", "gpu", "--data-dir", data, "--no-verify", "--passes", "none"];
    const train = (call: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
      runNin(["train", ...call.split(" "), ...onGpu], {
        env: { ...gpuEnvironment(), NIN_SOFTWARE_GPU: "1", ...env },
      });
    // Two epochs: two steps, a test batch, and the class maps of the report.
    const recipe = "--dataset fashion-mnist --limit 4 --batch-size 2 --resize 67 --epochs 2 --momentum 0.9";

    const calm = join(scratch, "calm");
    const whole = await train(`${recipe} --out ${calm}`);
    assert.equal(whole.status, 0, whole.stderr);

    const path = join(scratch, "lost");
    const preload = new URL("losing-gpu.js", import.meta.url);
    const lost = await train(`${recipe} --out ${path}`, {
      NODE_OPTIONS: `--import=${preload}`,
      LOSE_GPU_AT_RUN: "5",
    });
    await happens("the run ends with exit status 1", () => assert.equal(lost.status, 1, lost.stderr));
    await happens("its last checkpoint is whole", async () => {
      const run = await RunFolder.open(path);
      const { state } = (await run.findCheckpoint("last"))!;
      assert.deepEqual([state.progress.epoch, state.progress.step], [1, 0]);
      await run.loadCheckpoint(new NinNet());
    });

    await happens("resumed, it comes to the same bits", async () => {
      const resumed = await train(`--resume ${path}`);
      assert.equal(resumed.status, 0, resumed.stderr);
      assert.deepEqual(await bitsOf(path), await bitsOf(calm));
    });
    const [message, ...more] = lost.stderr.split("\n").filter((line) => /error|^ +at /i.test(line));
    assert.deepEqual(more, []);
    return message!.replace("error: ", "").replace(/lost: [^.]*\./, "lost: <reason>.");
  },
  { skip, timeout: 900_000 },
);

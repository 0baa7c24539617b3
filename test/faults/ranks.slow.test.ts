import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { createModel } from "#nin-net/models/models.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";
import { cannotLaunch, launch, mpich, openMpi, rankProcesses, recipe, tinyData } from "../ranks/mpirun.js";
import { faultTest } from "./fault-test.js";
import { bitsOf } from "./run-bits.js";
import { cannotMount, TinyFileSystem } from "./tiny-folder.js";

const launchers = [openMpi, mpich];
const skip = launchers.map(cannotLaunch).find((reason) => reason !== false) ?? false;
const kills = 3;

function calls(scratch: string): { begin: string[]; resume: string[] } {
  const data = ["--data-dir", tinyData(join(scratch, "data")), "--no-verify"];
  const begin = ["train", ...recipe, ...data, "--epochs", "3", "--checkpoint-every", "0.000001", "--json"];
  return { begin, resume: ["train", ...data, "--resume"] };
}

/** One process that nothing befalls: the calls, and what it comes to. */
async function calmRun(t: TestContext) {
  const scratch = temporaryFolder(t);
  const { begin, resume } = calls(scratch);
  const calm = join(scratch, "calm");
  const alone = await runNin([...begin, "--out", calm]);
  assert.equal(alone.status, 0, alone.stderr);
  return { scratch, begin, resume, bits: await bitsOf(calm) };
}

async function checkWhole(path: string): Promise<void> {
  const run = await RunFolder.open(path);
  const net = createModel("nin-small", run.image, run.config.recipe.netOptions);
  if ((await run.findCheckpoint("last")) !== null) await run.loadCheckpoint(net);
}

/** Waits until no rank of a run is left. @returns how many are after so many seconds */
async function leftAfter(path: string, seconds: number): Promise<number> {
  const deadline = performance.now() + 1000 * seconds;
  while (rankProcesses(path).length > 0 && performance.now() < deadline) await sleep(50);
  return rankProcesses(path).length;
}

faultTest(
  "rankKilled",
  async (happens, t) => {
    const { scratch, begin, resume, bits } = await calmRun(t);
    for (let kill = 0; kill < kills; kill++) {
      const path = join(scratch, `killed-${kill}`);
      const [step, epoch, rank, wait] = [1 + randomInt(3), 1 + randomInt(3), kill % 3, randomInt(300)];
      const moment = `rank ${rank}, ${wait} ms after step ${step} of epoch ${epoch}`;
      let left: number | undefined;
      let isKilled = false;
      const act = async () => {
        await sleep(wait);
        const pid = rankProcesses(path)[rank];
        if (pid === undefined) return; // the run has ended by itself
        process.kill(pid, "SIGKILL");
        isKilled = true;
        left = await leftAfter(path, 10);
      };
      let acting = Promise.resolve();
      const at = {
        text: `"kind":"step","epoch":${epoch},"step":${step}`,
        act: () => {
          acting = act();
        },
      };
      const ended = await launch(launchers[kill % 2]!, [{ ranks: 3, args: [...begin, "--out", path] }], {
        at,
      });
      await acting;
      if (isKilled) assert.notEqual(ended.status, 0, moment);
      await happens("within 10 seconds no process is left", () => assert.equal(left ?? 0, 0, moment));
      await happens("a checkpoint is always readable", () => checkWhole(path));
      await happens("resumed by one to three ranks, each comes to the same bits", async () => {
        const ranks = 1 + (kill % 3);
        const args = [...resume, path];
        const resumed =
          ranks === 1 ? await runNin(args) : await launch(launchers[(kill + 1) % 2]!, [{ ranks, args }]);
        assert.equal(resumed.status, 0, `${moment}: ${resumed.stderr}`);
        assert.deepEqual(await bitsOf(path), bits, moment);
      });
    }
    return undefined;
  },
  { skip, timeout: 900_000 },
);

faultTest(
  "rankStopped",
  async (happens, t) => {
    const path = join(temporaryFolder(t), "run");
    const { begin } = calls(join(path, ".."));
    const stop = () => process.kill(rankProcesses(path)[1]!, "SIGSTOP");
    const ended = await launch(
      openMpi,
      [{ ranks: 3, args: [...begin, "--epochs", "1000", "--rank-timeout", "5", "--out", path] }],
      { at: { text: '"kind":"step","epoch":1,"step":2', act: stop } },
    );
    await happens("after --rank-timeout one rank says so, and every process ends", async () => {
      assert.equal(ended.status, 1, ended.stderr);
      assert.equal(await leftAfter(path, 10), 0);
    });
    await happens("the last checkpoint is whole", () => checkWhole(path));
    const [error] = ended.stderr.split("\n").filter((line) => line.startsWith("error: "));
    return error!
      .replace("error: ", "")
      .replace(/Rank 1 on \S+/, "Rank <number> on <host>")
      .replace("for 5 seconds", "for <n> seconds");
  },
  { skip, timeout: 300_000 },
);

faultTest(
  "rankDiskFull",
  async (happens, t) => {
    const { scratch, begin, resume, bits } = await calmRun(t);
    using disk = new TinyFileSystem(140); // a checkpoint of 78 kB, and no other beside it
    const path = join(disk.path, "run");
    const ended = await launch(mpich, [{ ranks: 2, args: [...begin, "--out", path] }]);
    await happens("every rank ends with exit status 1", async () => {
      assert.equal(ended.status, 1, ended.stderr);
      assert.equal(await leftAfter(path, 10), 0);
    });
    await happens("with space again one process resumes to the same bits", async () => {
      const moved = join(scratch, "moved");
      cpSync(path, moved, { recursive: true });
      const resumed = await runNin([...resume, moved]);
      assert.equal(resumed.status, 0, resumed.stderr);
      assert.deepEqual(await bitsOf(moved), bits);
    });
    const [error] = ended.stderr.split("\n").filter((line) => line.startsWith("error: "));
    return error!.replace("error: ", "").replace(/^\S+\/run\/\S+:/, "<run>/<file>:");
  },
  { skip: skip || cannotMount, timeout: 300_000 },
);

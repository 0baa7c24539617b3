import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../cli/run-nin.js";
import { cannotLaunch, type Launcher, launch, mpich, openMpi, rankProcesses } from "../ranks/mpirun.js";
import { faultTest } from "./fault-test.js";
import {
  calmRun,
  checkResumed,
  checkWhole,
  describeMoment,
  errorOf,
  killMoment,
  killRank,
  leftAfter,
} from "./rank-runs.js";
import { bitsOf } from "./run-bits.js";
import { behindTinyFolder, cannotMount, TinyFileSystem } from "./tiny-folder.js";

const launchers = [openMpi, mpich];
const skip = launchers.map(cannotLaunch).find((reason) => reason !== false) ?? false;
/** More of them: node scripts/kill-ranks.mjs */
const kills = 3;

faultTest(
  "rankKilled",
  async (happens, t) => {
    const calm = await calmRun(temporaryFolder(t));
    const seed = randomInt(2 ** 31);
    for (let kill = 0; kill < kills; kill++) {
      const moment = killMoment(seed, kill);
      const path = join(calm.scratch, `killed-${kill}`);
      t.diagnostic(`seed ${seed}: ${describeMoment(moment)}`);
      const seconds = await killRank(calm, path, moment);
      await happens("within 10 seconds no process is left", () => assert.ok((seconds ?? 0) <= 10));
      await happens("a checkpoint is always readable", () => checkWhole(path));
      const { ranks, launcher } = moment.resumedBy;
      await happens("resumed by one to three ranks, each comes to the same bits", () =>
        checkResumed(calm, path, ranks, launcher),
      );
    }
    return undefined;
  },
  { skip, timeout: 900_000 },
);

faultTest(
  "rankStopped",
  async (happens, t) => {
    const { scratch, begin } = await calmRun(temporaryFolder(t));
    const path = join(scratch, "run");
    const stop = () => process.kill(rankProcesses(path)[1]!, "SIGSTOP");
    const ended = await launch(
      openMpi,
      [{ ranks: 3, args: [...begin, "--epochs", "1000", "--rank-timeout", "5", "--out", path] }],
      { at: { text: '"kind":"step","epoch":1,"step":2', act: stop } },
    );
    await happens("after --rank-timeout one rank says so, and every process ends", async () => {
      assert.equal(ended.status, 1, ended.stderr);
      assert.deepEqual(await leftAfter(() => rankProcesses(path), 10), []);
    });
    await happens("the last checkpoint is whole", () => checkWhole(path));
    return errorOf(ended)
      .replace(/Rank 1 on \S+/, "Rank <number> on <host>")
      .replace("for 5 seconds", "for <n> seconds");
  },
  { skip, timeout: 300_000 },
);

faultTest(
  "daemonStopped",
  async (happens, t) => {
    const { scratch, begin } = await calmRun(temporaryFolder(t));
    const path = join(scratch, "run");
    const watch = async (): Promise<readonly number[]> => {
      const [first, second] = rankProcesses(path) as [number, number];
      const [, daemon] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${first}/status`, "utf8"))!;
      for (const pid of [second, Number(daemon)]) process.kill(pid, "SIGSTOP");
      try {
        return await leftAfter(() => rankProcesses(path).filter((pid) => pid !== second), 5 + 20);
      } finally {
        for (const pid of [second, Number(daemon)]) process.kill(pid, "SIGCONT");
      }
    };
    let watching: Promise<readonly number[]> | undefined;
    const act = (): void => {
      watching = watch();
    };
    const ended = await launch(
      mpich,
      [{ ranks: 2, args: [...begin, "--epochs", "1000", "--rank-timeout", "5", "--out", path] }],
      { at: { text: '"kind":"step","epoch":1,"step":2', act } },
    );
    await happens("20 seconds after --rank-timeout the others have ended", async () => {
      assert.deepEqual(await watching, []);
      assert.notEqual(ended.status, 0);
    });
    await happens("the last checkpoint is whole", () => checkWhole(path));
    return undefined;
  },
  { skip, timeout: 300_000 },
);

faultTest(
  "noSharedMemory",
  async (happens, t) => {
    const calm = await calmRun(temporaryFolder(t));
    const launched = async (launcher: Launcher, env: Readonly<Record<string, string>> = {}) => {
      const path = join(calm.scratch, `${launcher.command}-${Object.keys(env).length}`);
      const [command, ...options] = [...behindTinyFolder("/dev/shm", 64), launcher.command];
      const within = { ...launcher, command: command!, options: [...options, ...launcher.options] };
      return {
        path,
        ended: await launch(within, [{ ranks: 2, args: [...calm.begin, "--out", path] }], { env }),
      };
    };
    await happens("those of Open MPI come to the same bits, over TCP", async () => {
      const { path, ended } = await launched(openMpi);
      assert.equal(ended.status, 0, ended.stderr);
      assert.deepEqual(await bitsOf(path), calm.bits);
    });
    await happens("those of MPICH end with its own message and another exit status than 0", async () => {
      const { path, ended } = await launched(mpich);
      assert.notEqual(ended.status, 0);
      assert.match(`${ended.stdout}${ended.stderr}`, /Not enough memory[\s\S]*\/dev\/shm/);
      assert.deepEqual(await leftAfter(() => rankProcesses(path), 10), []);
    });
    await happens("with UCX_TLS=^posix they come to the same bits", async () => {
      const { path, ended } = await launched(mpich, { UCX_TLS: "^posix" });
      assert.equal(ended.status, 0, ended.stderr);
      assert.deepEqual(await bitsOf(path), calm.bits);
    });
    return undefined;
  },
  { skip: skip || cannotMount, timeout: 300_000 },
);

faultTest(
  "rankDiskFull",
  async (happens, t) => {
    const calm = await calmRun(temporaryFolder(t));
    using disk = new TinyFileSystem(140); // a checkpoint of 78 kB, and no other beside it
    const path = join(disk.path, "run");
    const ended = await launch(mpich, [{ ranks: 2, args: [...calm.begin, "--out", path] }]);
    await happens("every rank ends with exit status 1", async () => {
      assert.equal(ended.status, 1, ended.stderr);
      assert.deepEqual(await leftAfter(() => rankProcesses(path), 10), []);
    });
    await happens("with space again one process resumes to the same bits", async () => {
      const moved = join(calm.scratch, "moved");
      cpSync(path, moved, { recursive: true });
      await checkResumed(calm, moved);
    });
    return errorOf(ended).replace(/^\S+\/run\/\S+:/, "<run>/<file>:");
  },
  { skip: skip || cannotMount, timeout: 300_000 },
);

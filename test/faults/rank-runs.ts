/** Short runs of several ranks that something befalls, and what must hold afterwards. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { philox } from "#nin-net/core/random.js";
import { createModel } from "#nin-net/models/models.js";
import { type Ended, runNin } from "../cli/run-nin.js";
import { type Launcher, launch, mpich, openMpi, rankProcesses, recipe, tinyData } from "../ranks/mpirun.js";
import { bitsOf } from "./run-bits.js";

const launchers = [openMpi, mpich];

/** One process that nothing befalls: how it is called, and what it comes to. */
export interface CalmRun {
  readonly scratch: string;
  readonly begin: readonly string[];
  readonly resume: readonly string[];
  readonly bits: object;
}

export async function calmRun(scratch: string): Promise<CalmRun> {
  const data = ["--data-dir", tinyData(join(scratch, "data")), "--no-verify"];
  const begin = ["train", ...recipe, ...data, "--epochs", "3", "--checkpoint-every", "0.000001", "--json"];
  const calm = join(scratch, "calm");
  const alone = await runNin([...begin, "--out", calm]);
  assert.equal(alone.status, 0, alone.stderr);
  return { scratch, begin, resume: ["train", ...data, "--resume"], bits: await bitsOf(calm) };
}

/** Goes on with a run on some ranks, and compares what it comes to. One that was not begun yet begins. */
export async function checkResumed(
  { begin, resume, bits }: CalmRun,
  path: string,
  ranks = 1,
  launcher = openMpi,
): Promise<void> {
  const args = existsSync(join(path, "config.json")) ? [...resume, path] : [...begin, "--out", path];
  const ended = ranks === 1 ? await runNin(args) : await launch(launcher, [{ ranks, args }]);
  assert.equal(ended.status, 0, ended.stderr);
  assert.deepEqual(await bitsOf(path), bits);
}

/** Whether what is there of a run can be gone on with. */
export async function checkWhole(path: string): Promise<void> {
  if (!existsSync(join(path, "config.json"))) return;
  const run = await RunFolder.open(path);
  const net = createModel("nin-small", run.image, run.config.recipe.netOptions);
  if ((await run.findCheckpoint("last")) !== null) await run.loadCheckpoint(net);
}

/** Waits until no process is left. @returns those that are after so many seconds */
export async function leftAfter(left: () => readonly number[], seconds: number): Promise<readonly number[]> {
  const deadline = performance.now() + 1000 * seconds;
  while (left().length > 0 && performance.now() < deadline) await sleep(50);
  return left();
}

/** The message of the one error that ranks have printed. */
export function errorOf({ stderr }: Ended): string {
  const errors = stderr.split("\n").filter((line) => line.startsWith("error: "));
  assert.equal(errors.length, 1, stderr);
  return errors[0]!.replace("error: ", "");
}

/** When one of three ranks is killed, and who goes on. */
export interface KillMoment {
  readonly launcher: Launcher;
  readonly rank: number;
  /** The step after which the wait begins; null: the launch. */
  readonly after: { readonly epoch: number; readonly step: number } | null;
  readonly waitMilliseconds: number;
  readonly resumedBy: { readonly ranks: number; readonly launcher: Launcher };
}

/** A moment that follows from a seed and the number of the kill: every fourth within two seconds of the launch. */
export function killMoment(seed: number, kill: number): KillMoment {
  const words = philox([kill, 0, 0, 0], [seed, 0]);
  const [rank, place, wait, who] = words.map((word) => word / 2 ** 32) as [number, number, number, number];
  const step = Math.floor(9 * place);
  const isEarly = kill % 4 === 3;
  return {
    launcher: launchers[kill % 2]!,
    rank: Math.floor(3 * rank),
    after: isEarly ? null : { epoch: 1 + Math.floor(step / 3), step: 1 + (step % 3) },
    waitMilliseconds: Math.floor((isEarly ? 2000 : 300) * wait),
    resumedBy: { ranks: 1 + Math.floor(3 * who), launcher: launchers[(kill + 1) % 2]! },
  };
}

export function describeMoment({ launcher, rank, after, waitMilliseconds }: KillMoment): string {
  const when = after === null ? "the launch" : `step ${after.step} of epoch ${after.epoch}`;
  return `rank ${rank} of ${launcher.name}, ${waitMilliseconds} ms after ${when}`;
}

/**
 * Begins a run on three ranks and kills one.
 *
 * @returns seconds from the kill until the launcher and every rank had ended; undefined: the run had ended before
 */
export async function killRank(
  { begin }: CalmRun,
  path: string,
  moment: KillMoment,
): Promise<number | undefined> {
  const { launcher, rank, after, waitMilliseconds } = moment;
  let killedAt: number | undefined;
  let hasEnded = false;
  const kill = async (): Promise<void> => {
    await sleep(waitMilliseconds);
    while (!hasEnded && killedAt === undefined) {
      const pids = rankProcesses(path);
      const pid = pids[rank] ?? (after === null ? pids.at(-1) : undefined);
      if (pid !== undefined) {
        process.kill(pid, "SIGKILL");
        killedAt = performance.now();
      } else if (after !== null)
        return; // the run has ended by itself
      else await sleep(20); // it has not begun
    }
  };
  const calls = [{ ranks: 3, args: [...begin, "--out", path] }];
  let killing = Promise.resolve();
  const text = after && `"kind":"step","epoch":${after.epoch},"step":${after.step}`;
  const act = (): void => {
    killing = kill();
  };
  const running = launch(launcher, calls, text === null ? {} : { at: { text, act } });
  if (text === null) act();
  const { status, stderr } = await running;
  hasEnded = true;
  await killing;
  if (killedAt === undefined) return undefined;
  assert.deepEqual(await leftAfter(() => rankProcesses(path), 60), [], describeMoment(moment));
  assert.notEqual(status, 0, `${describeMoment(moment)}: ${stderr}`);
  return (performance.now() - killedAt) / 1000;
}

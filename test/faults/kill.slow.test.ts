import assert from "node:assert/strict";
import { after } from "node:test";
import { checkpointFiles, RunFolder } from "#nin-cli/runs/run-folder.js";
import type { Breakage } from "./broken-files.js";
import { CalmRun } from "./calm-run.js";
import type { Statement } from "./catalogue.js";
import { type ChildOptions, tinyRun } from "./child.js";
import { faultTest, type Happens } from "./fault-test.js";
import { bitsOf } from "./run-bits.js";

const calm = await CalmRun.make();
after(() => calm[Symbol.dispose]());

/** Begins a run, ends it as told, checks that it can be read, resumes it and compares. @returns whether it was ended */
async function killAndResume(
  happens: Happens<Statement<"killedAtRandom" | "killedInWrites">>,
  name: string,
  options: ChildOptions,
  threads: number,
  again?: ChildOptions,
): Promise<boolean> {
  const path = calm.folder(name);
  const { status, signal, stderr } = await tinyRun(path, "begin", 2, options);
  const isKilled = signal === "SIGKILL";
  if (!isKilled) assert.deepEqual([status, stderr], [0, ""], name);
  await happens("a checkpoint is always readable", () => checkReadable(path));
  if (again) {
    await tinyRun(path, "resume", threads, again);
    await happens("a checkpoint is always readable", () => checkReadable(path));
  }
  await happens(
    "resumed with 1, 2 or 3 threads, each comes to the same weights, momenta, events and curves, to the bit",
    () => calm.checkResumed(path, threads),
  );
  return isKilled;
}

async function checkReadable(path: string): Promise<void> {
  const run = await RunFolder.open(path);
  for (const kind of Object.keys(checkpointFiles) as (keyof typeof checkpointFiles)[]) {
    await run.findCheckpoint(kind);
  }
}

/** Two at a time. */
async function each<T>(items: readonly T[], work: (item: T, index: number) => Promise<void>): Promise<void> {
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) await work(item, index);
  };
  await Promise.all([worker(), worker()]);
}

faultTest(
  "killedAtRandom",
  async (happens) => {
    let killed = 0;
    const moments = Array.from({ length: 20 }, (_, i) => ((i + Math.random()) / 20) * calm.milliseconds);
    await each(moments, async (killAfter, i) => {
      const again = i % 4 === 0 ? { killAfter: Math.random() * calm.milliseconds } : undefined;
      const name = `killed after ${killAfter} and ${again?.killAfter} ms`;
      if (await killAndResume(happens, name, { killAfter }, 1 + (i % 3), again)) killed++;
    });
    assert.ok(killed >= 10, `only ${killed} of 20 were still at work`);
    return undefined;
  },
  { timeout: 300_000 },
);

const writes: readonly Omit<Breakage, "effect">[] = [
  { file: "checkpoint.safetensors.part", operation: "open", call: 2 },
  { file: "checkpoint.safetensors.part", operation: "write", call: 1 },
  { file: "checkpoint.safetensors.part", operation: "write", call: 7 },
  { file: "checkpoint.safetensors.part", operation: "sync", call: 3 },
  { file: "checkpoint.safetensors.part", operation: "rename", call: 1 },
  { file: "checkpoint.safetensors.part", operation: "rename", call: 5 },
  { file: "best.safetensors.part", operation: "rename", call: 1 },
  { file: "epoch.safetensors.part", operation: "write", call: 2 },
  { file: "epoch.safetensors.part", operation: "rename", call: 4 }, // after the last epoch
  { file: "events.jsonl", operation: "write", call: 1 },
  { file: "events.jsonl", operation: "write", call: 17 },
  { file: "curves.svg.part", operation: "rename", call: 1 },
];

faultTest(
  "killedInWrites",
  async (happens) => {
    await each(writes, async (write, i) => {
      const name = `${write.operation} ${write.call} of ${write.file}`;
      const breakage = { ...write, effect: "kill" } as const;
      assert.ok(await killAndResume(happens, name, { breakage }, 1 + (i % 3)), `${name} never came`);
    });
    return undefined;
  },
  { timeout: 300_000 },
);

faultTest("killedWhenBegun", async (happens) => {
  const path = calm.folder("begun");
  const breakage = { file: "config.json.part", operation: "rename", call: 1, effect: "kill" } as const;
  const { signal } = await tinyRun(path, "begin", 2, { breakage });
  assert.equal(signal, "SIGKILL");
  const { status, stderr } = await tinyRun(path, "resume", 2);
  await happens("there is no run yet, and a resume is refused with exit status 1", () =>
    assert.equal(status, 1),
  );
  await happens("the folder can be begun in again, and comes to the same bits", async () => {
    assert.deepEqual((await tinyRun(path, "begin", 2)).status, 0);
    assert.deepEqual(await bitsOf(path), calm.bits);
  });
  return stderr.replaceAll(path, "<run>");
});

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { openReference } from "#src/backends/reference/device.js";
import { openWasm } from "#src/backends/wasm/device.js";
import { InstructionWord, RunWord, StepWord } from "#src/backends/wasm/instructions.js";
import { faultTest, refusal } from "./fault-test.js";
import { smallProgram } from "./small-program.js";
import { isLinux, settled, threadCount } from "./system.js";
import { WatchedWorkers } from "./watched-workers.js";

/** Long enough for a step to be at work when a thread ends, whatever the machine. */
const longBatch = 200_000;

faultTest("workerEnded", async () => {
  using watched = new WatchedWorkers();
  using device = await openWasm({ threads: 3 });
  using small = await smallProgram(device);
  await small.program.run(small.batch(4));
  const batch = small.batch(longBatch);
  const step = refusal(small.program.run(batch));
  await sleep(20);
  await watched.workers[1]!.terminate();
  const message = await step;
  assert.equal(await refusal(small.program.run(small.batch(4))), message);
  return message.replace(/code \d+/, "code <code>");
});

faultTest("kernelTraps", async () => {
  using device = await openWasm({ threads: 3 });
  using small = await smallProgram(device);
  await small.program.run(small.batch(4));
  const { memory, executor } = device;
  const word = (address: number, at: number): number => memory.words(address, at + 1)[at]!;
  const run = executor.run.bind(executor);
  executor.run = (at) => {
    // As if the compiler had got the addresses of a slice's first kernel wrong.
    const step = word(word(at, RunWord.sliceList), InstructionWord.steps);
    memory.words(word(step, StepWord.args), 2).fill(0xfffffff0);
    return run(at);
  };
  const message = await refusal(small.program.run(small.batch(4)));
  assert.equal(await refusal(small.program.run(small.batch(4))), message);
  return message;
});

faultTest("workerNeverStarts", async () => {
  const before = isLinux ? threadCount() : 0;
  let message: string;
  {
    using _watched = new WatchedWorkers((worker) => void worker.terminate());
    message = await refusal(openWasm({ threads: 3 }));
  }
  if (isLinux) assert.ok((await settled(threadCount, before)) <= before, "threads are left");
  using device = await openWasm({ threads: 2 });
  assert.equal(device.threads, 2);
  return message.replace(/^Thread \d/, "Thread <number>").replace(/code \d+/, "code <code>");
});

faultTest("usedAfterDispose", async () => {
  const messages = new Set<string>();
  const isRefused = async (what: string, use: () => unknown): Promise<void> => {
    const message = await refusal((async () => use())());
    assert.match(message, new RegExp(`^(A|The)( reference| CPU)? ${what} was used`));
    messages.add(message.replace(/^.*(?= was used)/, "<What>"));
  };
  for (const open of [openReference, openWasm]) {
    const device = await open();
    const disposed = await smallProgram(device);
    disposed[Symbol.dispose]();
    const { program, state, batch } = disposed;
    await isRefused("program", () => program.run(batch(2)));
    await isRefused("state", () => state.read("0.bias"));
    await isRefused("state", () => state.write("0.bias", new Float32Array(6)));
    const left = await smallProgram(device);
    device[Symbol.dispose]();
    await isRefused("device", () => device.createState({}));
    await isRefused("device", () => smallProgram(device));
    await isRefused("device", () => left.program.run(batch(2)));
    // Giving back twice, or after the device, is no fault.
    left[Symbol.dispose]();
    left[Symbol.dispose]();
    device[Symbol.dispose]();
  }
  return [...messages].join(" ");
});

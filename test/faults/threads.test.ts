import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWasm, type WasmDevice } from "#nin-net/backends/wasm/device.js";
import { InstructionWord, RunWord, StepWord } from "#nin-net/backends/wasm/instructions.js";
import type { Statement } from "./catalogue.js";
import { faultTest, type Happens, refusal } from "./fault-test.js";
import { type SmallProgram, smallProgram } from "./small-program.js";
import { WatchedWorkers } from "./watched-workers.js";

/** Long enough for a step to be at work when a thread ends, whatever the machine. */
const longBatch = 200_000;

/** Two steps of which the first fails; the device is closed between them and the end. @returns what is said */
async function failingStep(
  happens: Happens<Statement<"workerEnded" | "kernelTraps">>,
  breakStep: (device: WasmDevice, small: SmallProgram, watched: WatchedWorkers) => Promise<unknown>,
): Promise<string> {
  using watched = new WatchedWorkers();
  let message = "";
  {
    using device = await openWasm({ threads: 3 });
    using small = await smallProgram(device);
    await small.program.run(small.batch(4));
    await happens("the step fails", async () => {
      message = await refusal(breakStep(device, small, watched));
    });
    await happens("so does every later one", async () => {
      assert.equal(await refusal(small.program.run(small.batch(4))), message);
    });
  }
  await happens("no thread is left once the device is closed", () => watched.checkEnded());
  return message;
}

faultTest("workerEnded", async (happens) => {
  const message = await failingStep(happens, async (_, small, watched) => {
    const step = small.program.run(small.batch(longBatch));
    await Promise.all([step, sleep(20).then(() => watched.workers[1]!.terminate())]);
  });
  return message.replace(/code \d+/, "code <code>");
});

faultTest("kernelTraps", (happens) =>
  failingStep(happens, (device, small) => {
    const { memory, executor } = device;
    const word = (address: number, at: number): number => memory.words(address, at + 1)[at]!;
    const run = executor.run.bind(executor);
    executor.run = (at) => {
      // As if the compiler had got the addresses of a slice's first kernel wrong.
      const step = word(word(at, RunWord.sliceList), InstructionWord.steps);
      memory.words(word(step, StepWord.args), 2).fill(0xfffffff0);
      return run(at);
    };
    return small.program.run(small.batch(4));
  }),
);

faultTest("workerNeverStarts", async (happens) => {
  let message = "";
  {
    using watched = new WatchedWorkers((worker) => void worker.terminate());
    await happens("no device is opened", async () => {
      message = await refusal(openWasm({ threads: 3 }));
    });
    await happens("no thread is left behind", () => watched.checkEnded());
  }
  await happens("another device can be opened", async () => {
    using device = await openWasm({ threads: 2 });
    assert.equal(device.threads, 2);
  });
  return message.replace(/^Thread \d/, "Thread <number>").replace(/code \d+/, "code <code>");
});

faultTest("usedAfterDispose", async (happens) => {
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
    const left = await smallProgram(device);
    await happens("refused, whatever is called", async () => {
      await isRefused("program", () => program.run(batch(2)));
      await isRefused("state", () => state.read("0.bias"));
      await isRefused("state", () => state.write("0.bias", new Float32Array(6)));
      device[Symbol.dispose]();
      await isRefused("device", () => device.createState({}));
      await isRefused("device", () => smallProgram(device));
      await isRefused("device", () => left.program.run(batch(2)));
    });
    await happens("disposing of it once more does no harm", () => {
      left[Symbol.dispose](); // after its device
      left[Symbol.dispose]();
      device[Symbol.dispose]();
    });
  }
  return [...messages].join(" ");
});

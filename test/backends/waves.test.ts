import assert from "node:assert/strict";
import { test } from "node:test";
import type { Buffer, Instruction } from "#nin-net/backends/wasm/lowering.js";
import { planMemory } from "#nin-net/backends/wasm/plan-memory.js";
import { earliestWaves, neighbourWaves } from "#nin-net/backends/wasm/waves.js";

const buffer = (bytes = 64): Buffer => ({ bytes, address: undefined });
/** One that may write all that it touches but for `reads`. */
const instruction = (args: Buffer[], reads: Buffer[] = []): Instruction => ({
  tasks: 1,
  steps: [{ kernel: "add", args: [...args, ...reads], reads, node: undefined, main: true }],
});
const none = () => false;

/** Two chains of two instructions, which share the rate alone. */
function twoChains(rate = buffer()) {
  const [a, b, c, p, q, r] = Array.from({ length: 6 }, () => buffer());
  return [
    instruction([a!, rate, b!]),
    instruction([b!, rate, c!]),
    instruction([p!, rate, q!]),
    instruction([q!, rate, r!]),
  ] as const;
}

test("chains with nothing in common but what they read run side by side", () => {
  const rate = buffer();
  const [a1, a2, b1, b2] = twoChains(rate);
  const list = [a1, a2, b1, b2];
  const isReadOnly = (each: Buffer) => each === rate;
  assert.deepEqual(earliestWaves(list, isReadOnly), [
    [a1, b1],
    [a2, b2],
  ]);
  assert.deepEqual(neighbourWaves(list, isReadOnly), [[a1], [a2, b1], [b2]]);
});

test("what may be written is touched by one instruction at a time, in the order of the list", () => {
  const list = [...twoChains()];
  const oneByOne = list.map((each) => [each]);
  assert.deepEqual(earliestWaves(list, none), oneByOne);
  assert.deepEqual(neighbourWaves(list, none), oneByOne);
  // The second step of a task touches the first instruction's buffer too.
  const [shared, other] = [buffer(), buffer()];
  const first = instruction([shared]);
  const second: Instruction = {
    tasks: 1,
    steps: [...instruction([other]).steps, ...instruction([shared]).steps],
  };
  assert.deepEqual(earliestWaves([first, second], none), [[first], [second]]);
});

test("who only reads a buffer waits for those that write it, and they for who read it", () => {
  const [shared, a, b, c, d] = Array.from({ length: 5 }, () => buffer());
  const writer = instruction([shared!]);
  const readers = [a!, b!].map((own) => instruction([own], [shared!]));
  const overwriter = instruction([shared!]);
  const later = instruction([c!], [shared!]);
  const unrelated = instruction([d!]);
  const list = [writer, ...readers, overwriter, later, unrelated];
  assert.deepEqual(neighbourWaves(list, none), [[writer], readers, [overwriter], [later, unrelated]]);
  assert.deepEqual(earliestWaves(list, none), [[writer, unrelated], readers, [overwriter], [later]]);
  // What one step reads and another one of the same instruction writes is written.
  const both: Instruction = { tasks: 1, steps: [...readers[0]!.steps, ...writer.steps] };
  assert.deepEqual(neighbourWaves([both, readers[1]!], none), [[both], [readers[1]!]]);
});

test("buffers of one wave share no memory, those of different waves may", () => {
  const [a1, a2] = [instruction([buffer(128)]), instruction([buffer(64)])];
  const addresses = (waves: Instruction[][]) => {
    const { offsets, bytes } = planMemory(waves);
    return { bytes, offsets: [a1, a2].map(({ steps }) => offsets.get(steps[0]!.args[0] as Buffer)) };
  };
  assert.deepEqual(addresses([[a1, a2]]), { bytes: 192, offsets: [0, 128] });
  assert.deepEqual(addresses([[a1], [a2]]), { bytes: 128, offsets: [0, 0] });
});

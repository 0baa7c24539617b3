import assert from "node:assert/strict";
import { test } from "node:test";
import type { Buffer, Instruction } from "#nin-net/backends/wasm/lowering.js";
import { planMemory } from "#nin-net/backends/wasm/plan-memory.js";
import { earliestWaves, neighbourWaves } from "#nin-net/backends/wasm/waves.js";

const buffer = (bytes = 64): Buffer => ({ bytes, address: undefined });
const instruction = (...args: Buffer[]): Instruction => ({
  tasks: 1,
  steps: [{ kernel: "add", args, node: undefined, main: true }],
});
const none = () => false;

/** Two chains of two instructions, which share the rate alone. */
function twoChains(rate = buffer()) {
  const [a, b, c, p, q, r] = Array.from({ length: 6 }, () => buffer());
  return [
    instruction(a!, rate, b!),
    instruction(b!, rate, c!),
    instruction(p!, rate, q!),
    instruction(q!, rate, r!),
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
  const first = instruction(shared);
  const second: Instruction = {
    tasks: 1,
    steps: [...instruction(other).steps, ...instruction(shared).steps],
  };
  assert.deepEqual(earliestWaves([first, second], none), [[first], [second]]);
});

test("buffers of one wave share no memory, those of different waves may", () => {
  const [a1, a2] = [instruction(buffer(128)), instruction(buffer(64))];
  const addresses = (waves: Instruction[][]) => {
    const { offsets, bytes } = planMemory(waves);
    return { bytes, offsets: [a1, a2].map(({ steps }) => offsets.get(steps[0]!.args[0] as Buffer)) };
  };
  assert.deepEqual(addresses([[a1, a2]]), { bytes: 192, offsets: [0, 128] });
  assert.deepEqual(addresses([[a1], [a2]]), { bytes: 128, offsets: [0, 0] });
});

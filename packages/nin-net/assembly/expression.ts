/** Pointwise expressions, interpreted over blocks of elements. */
import { runOperation } from "../../../build/assembly/expressions";
import { floats, pointer, real, smaller, word } from "./args";

/** Elements a task: `chunk` of elementwise.ts. */
const chunk: i32 = 32768;
/** Elements a block; a few blocks fit into the first cache. */
const block: i32 = 512;

/** How an input is laid over the result; numbers of packages/nin-net/src/backends/wasm/expression.ts. */
const everyElement: i32 = 0;
const everyChannel: i32 = 2;

/**
 * args: y, elements, channels, slots, inputs, constants, operations; then for each input its address and how it is laid
 *   over y (0 element by element, 1 one number for all, 2 one number a channel); then the constants; then for each
 *   operation its number, the slot of its result and three slots of operands
 *
 * A slot is a block: inputs first, then constants, then results of operations; the last slot is y. The scratch holds
 * the address of each slot's values, then the slots.
 */
export function evaluateExpression(args: usize, task: i32, scratch: usize): void {
  const y = pointer(args, 0);
  const channels = word(args, 2);
  const slots = word(args, 3);
  const inputs = word(args, 4);
  const constants = word(args, 5);
  const operations = word(args, 6);
  const inputArgs = args + 28;
  const constantArgs = inputArgs + 8 * inputs;
  const operationArgs = constantArgs + 4 * constants;
  const blocks = scratch + ((4 * slots + 31) & ~31);

  for (let s = 0; s < slots; s++) store<u32>(scratch + 4 * s, <u32>(blocks + floats(s * block)));
  for (let i = 0; i < inputs; i++) {
    if (word(inputArgs, 2 * i + 1) == 1)
      fill(blocks + floats(i * block), load<f32>(pointer(inputArgs, 2 * i)));
  }
  for (let i = 0; i < constants; i++) {
    fill(blocks + floats((inputs + i) * block), real(constantArgs, i));
  }

  const end = smaller(word(args, 1), (task + 1) * chunk);
  for (let begin = task * chunk; begin < end; begin += block) {
    const count = smaller(block, end - begin);
    // Operations work on whole pairs of vectors: a shorter block is copied, so that nothing beyond it is touched.
    const whole = (count & 7) == 0;
    for (let i = 0; i < inputs; i++) {
      const layout = word(inputArgs, 2 * i + 1);
      const own = blocks + floats(i * block);
      const from = pointer(inputArgs, 2 * i);
      if (layout == everyChannel) repeat(own, from, channels, begin % channels, count);
      if (layout != everyElement) continue;
      if (!whole) memory.copy(own, from + floats(begin), floats(count));
      store<u32>(scratch + 4 * i, <u32>(whole ? from + floats(begin) : own));
    }
    const result = blocks + floats((slots - 1) * block);
    store<u32>(scratch + 4 * (slots - 1), <u32>(whole ? y + floats(begin) : result));
    const bytes = floats((count + 7) & ~7);
    for (let o = 0; o < operations; o++) {
      const at = operationArgs + 20 * o;
      runOperation(
        word(at, 0),
        pointer(scratch, word(at, 1)),
        pointer(scratch, word(at, 2)),
        pointer(scratch, word(at, 3)),
        pointer(scratch, word(at, 4)),
        bytes,
      );
    }
    if (!whole) memory.copy(y + floats(begin), result, floats(count));
  }
}

/** A whole block of one number. */
function fill(to: usize, value: f32): void {
  for (let i = 0; i < block; i += 4) v128.store(to + floats(i), f32x4.splat(value));
}

/** Numbers of one a channel, over and over, beginning with channel `first`. */
function repeat(to: usize, from: usize, channels: i32, first: i32, count: i32): void {
  let at = 0;
  let channel = first;
  while (at < count) {
    const some = smaller(channels - channel, count - at);
    if (some >= 8) memory.copy(to + floats(at), from + floats(channel), floats(some));
    else
      for (let i = 0; i < some; i++) store<f32>(to + floats(at + i), load<f32>(from + floats(channel + i)));
    at += some;
    channel = 0;
  }
}

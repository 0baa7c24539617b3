/** Pointwise expressions, interpreted over blocks of elements. */
import { mostElements, sumBlock } from "../../../build/assembly/constants";
import { runOperation } from "../../../build/assembly/expressions";
import { floats, pointer, real, smaller, word } from "./args";
import { addPixels } from "./sums";

/** How an input is laid over the result; numbers of packages/nin-net/src/backends/wasm/expression.ts. */
const everyElement: i32 = 0;
const oneForAll: i32 = 1;
const everyChannel: i32 = 2;

/**
 * args: y, elements, elements a task, channels, elements a block, slots, inputs, constants, operations; then for each
 *   input its address and how it is laid over the elements (0 element by element, 1 one number for all, 2 one number a
 *   channel); then the constants; then for each operation its number, the slot of its result and three slots of operands
 *
 * A slot is a block: inputs first, then constants, then results of operations; the last slot is the result. The scratch
 * holds the address of each slot's values, then the slots. A block is whole pixels, if one is not longer than a block.
 */
export function evaluateExpression(args: usize, task: i32, scratch: usize): void {
  const y = pointer(args, 0);
  const end = smaller(word(args, 1), (task + 1) * word(args, 2));
  const block = word(args, 4);
  prepare(args, scratch);
  const own = resultSlot(args, scratch);
  for (let begin = task * word(args, 2); begin < end; begin += block) {
    const count = smaller(block, end - begin);
    // Operations work on whole pairs of vectors: a shorter block is copied, so that nothing beyond it is touched.
    const whole = (count & 7) == 0;
    evaluateBlock(args, scratch, begin, count, whole ? y + floats(begin) : own);
    if (!whole) memory.copy(y + floats(begin), own, floats(count));
  }
}

/**
 * Sums an expression over pixels, channel by channel: `sumBlock` pixels after the other make a row of y [rows, channels].
 * The args are those of evaluateExpression; the elements a task are whole rows.
 */
export function sumExpression(args: usize, task: i32, scratch: usize): void {
  const y = pointer(args, 0);
  const end = smaller(word(args, 1), (task + 1) * word(args, 2));
  const channels = word(args, 3);
  const block = word(args, 4);
  const rowElements = sumBlock * channels;
  prepare(args, scratch);
  const values = resultSlot(args, scratch);
  for (let from = task * word(args, 2); from < end; from += rowElements) {
    const to = y + floats((from / rowElements) * channels);
    memory.fill(to, 0, floats(channels));
    const last = smaller(end, from + rowElements);
    for (let begin = from; begin < last; begin += block) {
      const count = smaller(block, last - begin);
      evaluateBlock(args, scratch, begin, count, values);
      if (block % channels == 0) addPixels(to, values, count / channels, channels, 0, channels);
      else addElements(to, values, channels, begin % channels, count);
    }
  }
}

function inputArgs(args: usize): usize {
  return args + 36;
}

function resultSlot(args: usize, scratch: usize): usize {
  return slotOf(args, scratch, word(args, 5) - 1);
}

/** A slot's own memory. */
function slotOf(args: usize, scratch: usize, slot: i32): usize {
  return scratch + ((4 * word(args, 5) + 31) & ~31) + floats(slot * mostElements);
}

/** Fills the slots that are the same in every block. */
function prepare(args: usize, scratch: usize): void {
  const channels = word(args, 3);
  const block = word(args, 4);
  const inputs = word(args, 6);
  for (let s = 0; s < word(args, 5); s++) store<u32>(scratch + 4 * s, <u32>slotOf(args, scratch, s));
  for (let i = 0; i < inputs; i++) {
    const from = pointer(inputArgs(args), 2 * i);
    const layout = word(inputArgs(args), 2 * i + 1);
    if (layout == oneForAll) fill(slotOf(args, scratch, i), load<f32>(from));
    if (layout == everyChannel && block % channels == 0)
      repeat(slotOf(args, scratch, i), from, channels, 0, block);
  }
  const constantArgs = inputArgs(args) + 8 * inputs;
  for (let i = 0; i < word(args, 7); i++) fill(slotOf(args, scratch, inputs + i), real(constantArgs, i));
}

/** Evaluates a block, of which the result gets whole pairs of vectors. */
function evaluateBlock(args: usize, scratch: usize, begin: i32, count: i32, result: usize): void {
  const channels = word(args, 3);
  const inputs = word(args, 6);
  const whole = (count & 7) == 0;
  for (let i = 0; i < inputs; i++) {
    const layout = word(inputArgs(args), 2 * i + 1);
    const from = pointer(inputArgs(args), 2 * i);
    const own = slotOf(args, scratch, i);
    if (layout == everyChannel && word(args, 4) % channels != 0)
      repeat(own, from, channels, begin % channels, count);
    if (layout != everyElement) continue;
    if (!whole) memory.copy(own, from + floats(begin), floats(count));
    store<u32>(scratch + 4 * i, <u32>(whole ? from + floats(begin) : own));
  }
  store<u32>(scratch + 4 * (word(args, 5) - 1), <u32>result);
  const operationArgs = inputArgs(args) + 8 * inputs + 4 * word(args, 7);
  const bytes = floats((count + 7) & ~7);
  for (let o = 0; o < word(args, 8); o++) {
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
}

/** A whole block of one number. */
function fill(to: usize, value: f32): void {
  for (let i = 0; i < mostElements; i += 4) v128.store(to + floats(i), f32x4.splat(value));
}

/** Numbers of one a channel, over and over, beginning with channel `first`. */
function repeat(to: usize, from: usize, channels: i32, first: i32, count: i32): void {
  let at = 0;
  let channel = first;
  while (at < count) {
    const some = smaller(channels - channel, count - at);
    copyFloats(to + floats(at), from + floats(channel), some);
    at += some;
    channel = 0;
  }
}

/** Of as few floats, a loop is done before `memory.copy` has begun. */
function copyFloats(to: usize, from: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(to + floats(i), v128.load(from + floats(i)));
  for (; i < count; i++) store<f32>(to + floats(i), load<f32>(from + floats(i)));
}

/** Adds elements to one number a channel, the first of them to channel `first`. */
function addElements(to: usize, values: usize, channels: i32, first: i32, count: i32): void {
  let channel = first;
  for (let i = 0; i < count; i++) {
    store<f32>(to + floats(channel), load<f32>(to + floats(channel)) + load<f32>(values + floats(i)));
    if (++channel == channels) channel = 0;
  }
}

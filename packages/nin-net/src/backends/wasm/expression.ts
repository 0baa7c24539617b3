/** Turns a pointwise expression into the arguments of the kernel that interprets it. */
import { type OpNode, sizeOf } from "../../graph/node.ts";
import type { Instruction } from "../../ops/pointwise/expression.ts";
import { type Broadcast, broadcastOf, type PointwiseAttrs } from "../../ops/pointwise/pointwise.ts";
import { mostElements } from "./kernel-constants.ts";
import type { Argument, Buffer, Lowering } from "./lowering.ts";
import { joinOperations, type Operation, operationNames } from "./operations.ts";

/** Elements a task, about. */
const chunk = 32768;
/** Pixels a task, or a multiple of it: whole tiles of a convolution, and whole rows of sums over pixels. */
const runPixels = 192;

const layouts: { readonly [B in Broadcast]: number } = { none: 0, scalar: 1, channels: 2 };

export function evaluateExpression(node: OpNode & { readonly attrs: PointwiseAttrs }, to: Lowering): void {
  emitExpression(node, to, expressionInputs(node, node.type.shape, to), node.attrs.instructions);
}

/** @param shape - that of the values */
export function expressionInputs(
  { inputs, attrs }: OpNode & { readonly attrs: PointwiseAttrs },
  shape: readonly number[],
  to: Lowering,
): Input[] {
  return inputs.map((input) => ({
    buffer: to.buffer(input),
    broadcast: broadcastOf(attrs.name, input.type.shape, shape),
  }));
}

/** One number a channel at every pixel: its own maximum. */
export function repeatChannels(node: OpNode, to: Lowering): void {
  const numbers: Input = { buffer: to.buffer(node.inputs[0]!), broadcast: "channels" };
  emitExpression(
    node,
    to,
    [numbers],
    [
      { op: "input", index: 0 },
      { op: "max", args: [0, 0] },
    ],
  );
}

export interface Input {
  readonly buffer: Buffer;
  readonly broadcast: Broadcast;
}

function emitExpression(
  node: OpNode,
  to: Lowering,
  inputs: readonly Input[],
  instructions: readonly Instruction[],
): void {
  const { shape } = node.type;
  const elements = sizeOf(shape);
  const channels = shape.at(-1) ?? 1;
  const block = blockOf(channels);
  const args = expressionArgs(to, inputs, instructions, channels);
  if (block % channels !== 0) {
    const elementsATask = Math.floor(chunk / block) * block;
    const tasks = Math.ceil(elements / elementsATask);
    const all = [to.buffer(node), elements, elementsATask, ...args];
    to.made(to.emitAfter("evaluateExpression", tasks, all), to.buffer(node));
    return;
  }
  const maker = to.rowMaker(wholeInputs(inputs), args, channels);
  const elementsATask = maker?.count ?? channels * pixelsATask(channels);
  const tasks = Math.ceil(elements / elementsATask);
  const all = [to.buffer(node), elements, elementsATask, ...args];
  const made = to.emitRows("evaluateExpression", tasks, all, maker);
  to.madeRows(made, to.buffer(node), elementsATask);
}

function pixelsATask(channels: number): number {
  return runPixels * Math.max(1, Math.floor(chunk / 2 / (runPixels * channels)));
}

/** The buffers of the inputs that have a value for every element of the result. */
export function wholeInputs(inputs: readonly Input[]): Buffer[] {
  return inputs.filter(({ broadcast }) => broadcast === "none").map(({ buffer }) => buffer);
}

/** The arguments that both kernels have after those of their elements. */
export function expressionArgs(
  to: Lowering,
  inputs: readonly Input[],
  instructions: readonly Instruction[],
  channels: number,
): Argument[] {
  const constants = instructions.flatMap(({ op, ...each }) =>
    op === "constant" ? [{ real: (each as { value: number }).value }] : [],
  );
  const { slots, operations } = allocateSlots(joinOperations(instructions), inputs.length, constants.length);
  to.needScratch(4 * slots + 32 + slots * 4 * mostElements);
  return [
    channels,
    blockOf(channels),
    slots,
    inputs.length,
    constants.length,
    operations.length,
    ...inputs.flatMap(({ buffer, broadcast }): Argument[] => [buffer, layouts[broadcast]]),
    ...constants,
    ...operations.flat(),
  ];
}

/** Elements a block: whole pixels and whole pairs of vectors, where there are as many. */
function blockOf(channels: number): number {
  const pixels = [1, 2, 4, 8].find((count) => (count * channels) % 8 === 0)!;
  return Math.floor(mostElements / (pixels * channels)) * pixels * channels || mostElements;
}

type SlotOperation = readonly [number: number, result: number, a: number, b: number, c: number];

/**
 * Gives every operation's value a slot: inputs first, then constants, then results of operations, whose slots are used
 * again once nothing reads them any more; the last result has the last slot.
 */
function allocateSlots(
  instructions: readonly Operation[],
  inputs: number,
  constants: number,
): { readonly slots: number; readonly operations: readonly SlotOperation[] } {
  const lastUse = new Map<number, number>();
  instructions.forEach((each, i) => {
    if ("args" in each) for (const arg of each.args) lastUse.set(arg, i);
  });
  const slotOf: number[] = [];
  const free: number[] = [];
  const made: [op: number, place: number, args: readonly number[]][] = [];
  let constant = inputs;
  let slots = inputs + constants;
  instructions.forEach((each, i) => {
    if (each.op === "input") slotOf.push(each.index);
    else if (each.op === "constant") slotOf.push(constant++);
    else {
      const args = each.args.map((arg) => slotOf[arg]!);
      for (const arg of new Set(each.args)) {
        if (lastUse.get(arg) === i && slotOf[arg]! >= inputs + constants) free.push(slotOf[arg]!);
      }
      slotOf.push(free.pop() ?? slots++);
      made.push([operationNames.indexOf(each.op), i, args]);
    }
  });
  const result = slots++;
  const operations = made.map(([op, place, [a = 0, b = 0, c = 0]]): SlotOperation => {
    const to = place === instructions.length - 1 ? result : slotOf[place]!;
    return [op, to, a, b, c];
  });
  return { slots, operations };
}

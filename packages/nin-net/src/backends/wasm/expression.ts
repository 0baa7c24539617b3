/** Turns a pointwise expression into the arguments of the kernel that interprets it. */
import { type OpNode, sizeOf } from "../../graph/node.ts";
import type { Instruction } from "../../ops/pointwise/expression.ts";
import { type Broadcast, broadcastOf, type PointwiseAttrs } from "../../ops/pointwise/pointwise.ts";
import { scalarOpNames } from "../../ops/pointwise/scalar-ops.ts";
import type { Argument, Buffer, Lowering } from "./lowering.ts";

/** Elements a task and a block: packages/nin-net/assembly/expression.ts. */
const chunk = 32768;
const blockBytes = 4 * 512;

const layouts: { readonly [B in Broadcast]: number } = { none: 0, scalar: 1, channels: 2 };

export function evaluateExpression(node: OpNode & { readonly attrs: PointwiseAttrs }, to: Lowering): void {
  const { name, instructions } = node.attrs;
  const inputs = node.inputs.map(
    (input): Input => ({
      buffer: to.buffer(input),
      broadcast: broadcastOf(name, input.type.shape, node.type.shape),
    }),
  );
  emitExpression(node, to, inputs, instructions);
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

interface Input {
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
  const constants = instructions.flatMap(({ op, ...each }) =>
    op === "constant" ? [{ real: (each as { value: number }).value }] : [],
  );
  const { slots, operations } = allocateSlots(instructions, inputs.length, constants.length);
  const elements = sizeOf(shape);
  to.needScratch(4 * slots + 32 + slots * blockBytes);
  to.emit("evaluateExpression", Math.ceil(elements / chunk), [
    to.buffer(node),
    elements,
    shape.at(-1) ?? 1,
    slots,
    inputs.length,
    constants.length,
    operations.length,
    ...inputs.flatMap(({ buffer, broadcast }): Argument[] => [buffer, layouts[broadcast]]),
    ...constants,
    ...operations.flat(),
  ]);
}

type Operation = readonly [number: number, result: number, a: number, b: number, c: number];

/**
 * Gives every instruction's value a slot: inputs first, then constants, then results of operations, whose slots are used
 * again once nothing reads them any more; the last result has the last slot.
 */
function allocateSlots(
  instructions: readonly Instruction[],
  inputs: number,
  constants: number,
): { readonly slots: number; readonly operations: readonly Operation[] } {
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
      made.push([scalarOpNames.indexOf(each.op), i, args]);
    }
  });
  const result = slots++;
  const operations = made.map(([op, place, [a = 0, b = 0, c = 0]]): Operation => {
    const to = place === instructions.length - 1 ? result : slotOf[place]!;
    return [op, to, a, b, c];
  });
  return { slots, operations };
}

/** Sums over pixels, in the same order for any number of threads: rows of sums over a few pixels each, then their sum. */
import { type Node, type OpNode, sizeOf } from "../../graph/node.ts";
import { ops } from "../../ops/ops.ts";
import { Expression, instructionsOf, type Instruction as Operation } from "../../ops/pointwise/expression.ts";
import type { PointwiseAttrs } from "../../ops/pointwise/pointwise.ts";
import { expressionArgs, expressionInputs, wholeInputs } from "./expression.ts";
import { sumBlock } from "./kernel-constants.ts";
import type { Argument, Buffer, Instruction, Lowering } from "./lowering.ts";

/** Elements a task that makes rows, about: small enough to share among threads. */
const rowChunk = 16384;

/** x [..., C] -> y [C] */
export function sumPixels(node: OpNode, to: Lowering): void {
  const [x] = node.inputs as [Node];
  const channels = node.type.shape[0]!;
  const pixels = sizeOf(x.type.shape) / channels;
  const squares = squaredDistances(node, pixels, to);
  if (pixels > sumBlock && squares !== undefined) {
    sumMoments(node, squares, to, pixels);
    return;
  }
  sumRows(node, to, pixels, [to.buffer(x)], "sumBlocks", (rows, pixelsATask) => [
    ...[to.buffer(x), pixels, channels, pixelsATask, rows],
  ]);
}

/** The same of an expression. */
export function sumExpression(node: OpNode & { readonly attrs: PointwiseAttrs }, to: Lowering): void {
  const { shape } = node.inputs[0]!.type;
  const channels = node.type.shape[0]!;
  const elements = sizeOf(shape);
  const inputs = expressionInputs(node, shape, to);
  const args = expressionArgs(to, inputs, node.attrs.instructions, channels);
  const reads = wholeInputs(inputs);
  sumRows(node, to, elements / channels, reads, "sumExpression", (rows, pixelsATask) => [
    ...[rows, elements, pixelsATask * channels],
    ...args,
  ]);
}

/**
 * The sum of squared distances from the mean of what a node sums, if the graph has it: it is made in the same sweep. The
 * distances may be a node of their own, where expressions and sums are not joined.
 */
function squaredDistances(sum: OpNode, pixels: number, to: Lowering): OpNode | undefined {
  const [x] = sum.inputs as [Node];
  const distances = to
    .readersOf(x)
    .find(
      ({ op, inputs, attrs }) =>
        (op === ops.sumPointwise || op === ops.pointwise) &&
        inputs[0] === x &&
        isMean(inputs[1], sum, pixels) &&
        isSame((attrs as PointwiseAttrs).instructions, squaredDistance),
    );
  if (distances?.op !== ops.pointwise) return distances;
  return to.readersOf(distances).find(({ op }) => op === ops.sumPixels);
}

const squaredDistance = instructionsOf(
  Expression.input(0)
    .sub(Expression.input(1))
    .mul(Expression.input(0).sub(Expression.input(1))),
);

function isMean(node: Node | undefined, sum: OpNode, pixels: number): boolean {
  if (node?.kind !== "op" || node.op !== ops.pointwise || node.inputs[0] !== sum) return false;
  const mean = instructionsOf(Expression.input(0).mul(1 / pixels));
  return isSame((node.attrs as PointwiseAttrs).instructions, mean);
}

function isSame(some: readonly Operation[], others: readonly Operation[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}

/** Sums over pixels, and of their squared distances from the mean, from one reading of the pixels. */
function sumMoments(sum: OpNode, squares: OpNode, to: Lowering, pixels: number): void {
  const x = to.buffer(sum.inputs[0]!);
  const channels = sum.type.shape[0]!;
  const rows = [to.temporary(rowBytes(pixels, channels)), to.temporary(rowBytes(pixels, channels))];
  const made = emitRows(to, pixels, channels, [x], "sumMoments", (pixelsATask) => [
    ...[x, pixels, channels, pixelsATask],
    ...rows,
  ]);
  for (const each of rows) to.made(made, each);
  const channelsATask = to.addedColumns(rowsOf(pixels), channels);
  const results = [sum, squares].map((node) => to.buffer(node));
  const args = [...rows, pixels, channels, channelsATask, ...results];
  to.needScratch(4 * channels);
  to.emitAfter("addMoments", Math.ceil(channels / channelsATask), args, false);
  to.covered(sum);
  to.covered(squares);
  const [distances] = squares.inputs as [Node];
  if (squares.op === ops.sumPixels && distances.kind === "op" && to.readersOf(distances).length === 1) {
    to.leftOut(distances);
  }
}

function rowsOf(pixels: number): number {
  return Math.ceil(pixels / sumBlock);
}

function rowBytes(pixels: number, channels: number): number {
  return 4 * rowsOf(pixels) * channels;
}

/**
 * @param reads - buffers of the pixels
 * @param argsFor - the arguments of the kernel that makes the rows
 */
function sumRows(
  node: OpNode,
  to: Lowering,
  pixels: number,
  reads: readonly Buffer[],
  kernel: "sumBlocks" | "sumExpression",
  argsFor: (rows: Buffer, pixelsATask: number) => readonly Argument[],
): void {
  const channels = node.type.shape[0]!;
  const y = to.buffer(node);
  const count = rowsOf(pixels);
  const rows = count > 1 ? to.temporary(rowBytes(pixels, channels)) : y;
  const made = emitRows(to, pixels, channels, reads, kernel, (pixelsATask) => argsFor(rows, pixelsATask));
  to.made(made, rows);
  if (count === 1) {
    to.madeRegions(made, y, { tasksPerGroup: 1, group: channels, length: channels });
    return;
  }
  to.addRows(rows, count, y);
}

/** Adds the kernel that makes rows, to the instruction that makes the pixels if it can join that. */
function emitRows(
  to: Lowering,
  pixels: number,
  channels: number,
  reads: readonly Buffer[],
  kernel: "sumBlocks" | "sumExpression" | "sumMoments",
  argsFor: (pixelsATask: number) => readonly Argument[],
): Instruction {
  const own = sumBlock * Math.max(1, Math.floor(rowChunk / (sumBlock * channels)));
  const joins = rowsOf(pixels) > 1;
  const maker = joins ? to.rowMaker(reads, argsFor(own), sumBlock * channels) : undefined;
  const pixelsATask = maker ? maker.count / channels : own;
  return to.emitRows(kernel, Math.ceil(pixels / pixelsATask), argsFor(pixelsATask), maker);
}

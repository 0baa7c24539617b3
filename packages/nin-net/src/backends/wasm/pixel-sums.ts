/** Sums over pixels, in the same order for any number of threads: rows of sums over a few pixels each, then their sum. */
import { type Node, type OpNode, sizeOf } from "../../graph/node.ts";
import type { PointwiseAttrs } from "../../ops/pointwise/pointwise.ts";
import { expressionArgs, expressionInputs, wholeInputs } from "./expression.ts";
import type { Argument, Buffer, Lowering } from "./lowering.ts";

/** Pixels of a row: `sumBlock` in packages/nin-net/assembly/args.ts. */
const rowPixels = 64;
/** Elements a task that makes rows, about: small enough to share among threads. */
const rowChunk = 16384;

/** x [..., C] -> y [C] */
export function sumPixels(node: OpNode, to: Lowering): void {
  const [x] = node.inputs as [Node];
  const channels = node.type.shape[0]!;
  const pixels = sizeOf(x.type.shape) / channels;
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
  const count = Math.ceil(pixels / rowPixels);
  const rows = count > 1 ? to.temporary(4 * count * channels) : y;
  const own = rowPixels * Math.max(1, Math.floor(rowChunk / (rowPixels * channels)));
  const maker = count > 1 ? to.rowMaker(reads, argsFor(rows, own), rowPixels * channels) : undefined;
  const pixelsATask = maker ? maker.count / channels : own;
  const args = argsFor(rows, pixelsATask);
  const made = to.emitRows(kernel, Math.ceil(pixels / pixelsATask), args, maker);
  to.made(made, rows);
  if (count === 1) {
    to.madeRegions(made, y, { tasksPerGroup: 1, group: channels, length: channels });
    return;
  }
  to.addRows(rows, count, y);
}

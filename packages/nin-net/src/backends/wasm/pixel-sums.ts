/** Sums over pixels, in the same order for any number of threads: rows of sums over a few pixels each, then their sum. */
import { type Node, type OpNode, sizeOf } from "../../graph/node.ts";
import type { PointwiseAttrs } from "../../ops/pointwise/pointwise.ts";
import { expressionArgs, expressionInputs } from "./expression.ts";
import type { Buffer, Instruction, Lowering } from "./lowering.ts";

/** Pixels of a row: `sumBlock` in packages/nin-net/assembly/args.ts. */
const rowPixels = 64;
/** Elements a task that makes rows, about: small enough to share among threads. */
const rowChunk = 16384;
/** Channels a task that sums rows: two cache lines. */
const sumChannels = 32;

/** x [..., C] -> y [C] */
export function sumPixels(node: OpNode, to: Lowering): void {
  const [x] = node.inputs as [Node];
  const channels = node.type.shape[0]!;
  const pixels = sizeOf(x.type.shape) / channels;
  sumRows(node, to, pixels, (rows, tasks, pixelsATask) =>
    to.emit("sumBlocks", tasks, [to.buffer(x), pixels, channels, pixelsATask, rows]),
  );
}

/** The same of an expression. */
export function sumExpression(node: OpNode & { readonly attrs: PointwiseAttrs }, to: Lowering): void {
  const { shape } = node.inputs[0]!.type;
  const channels = node.type.shape[0]!;
  const elements = sizeOf(shape);
  const args = expressionArgs(to, expressionInputs(node, shape, to), node.attrs.instructions, channels);
  sumRows(node, to, elements / channels, (rows, tasks, pixelsATask) =>
    to.emit("sumExpression", tasks, [rows, elements, pixelsATask * channels, ...args]),
  );
}

/** @param emitRows - adds the instruction that makes the rows */
function sumRows(
  node: OpNode,
  to: Lowering,
  pixels: number,
  emitRows: (rows: Buffer, tasks: number, pixelsATask: number) => Instruction,
): void {
  const channels = node.type.shape[0]!;
  const y = to.buffer(node);
  const count = Math.ceil(pixels / rowPixels);
  const rows = count > 1 ? to.temporary(4 * count * channels) : y;
  const pixelsATask = rowPixels * Math.max(1, Math.floor(rowChunk / (rowPixels * channels)));
  const made = emitRows(rows, Math.ceil(pixels / pixelsATask), pixelsATask);
  if (count === 1) {
    to.madeRegions(made, y, { tasksPerGroup: 1, group: channels, length: channels });
    return;
  }
  const tasks = Math.ceil(channels / sumChannels);
  const summed = to.emit("sumPixels", tasks, [rows, count, channels, sumChannels, y]);
  to.madeRegions(summed, y, { tasksPerGroup: tasks, group: channels, length: sumChannels });
}

import type { Node, OpNode } from "../../graph/node.ts";
import type { ReferenceTensor } from "../../graph/op.ts";

/** Computes a node from the values of its inputs by the reference of its op, then those of its epilogue. */
export function evaluate(node: OpNode, read: (input: Node) => ReferenceTensor): ReferenceTensor {
  const { shape } = node.type;
  let data = node.op.reference(node.inputs.map(read) as never, node.attrs as never, shape);
  for (const step of node.epilogue) {
    const inputs = [{ shape, data }, ...step.inputs.map(read)];
    data = step.op.reference(inputs as never, step.attrs as never, shape);
  }
  return { shape, data };
}

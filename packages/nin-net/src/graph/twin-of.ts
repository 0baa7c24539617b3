import type { Node, OpNode } from "./node.ts";
import type { AnyOp } from "./op.ts";

/** The node of another op on the same inputs with the same attributes, if the graph has one. */
export function twinOf(order: readonly Node[], node: OpNode, op: AnyOp): OpNode | undefined {
  const attrs = JSON.stringify(node.attrs);
  return order.find(
    (other): other is OpNode =>
      other.kind === "op" &&
      other.op === op &&
      other.inputs.every((input, i) => input === node.inputs[i]) &&
      JSON.stringify(other.attrs) === attrs,
  );
}

/**
 * Sums over slices before linear ops instead of after: sum_s f(x_s) = f(sum_s x_s).
 *
 * The op then runs once a batch and not once a slice. Not past an op that makes its input smaller: several partial
 * sums are held at a time, and the small value is what to hold (Winograd's gradients are 2.6 to 4 times as large as
 * those of the weights that they become).
 */
import { type Graph, type OpNode, sizeOf } from "../graph/node.ts";
import { makeNode } from "../graph/op.ts";
import { countUses, rewriteGraph } from "../graph/rewrite.ts";

export function sumEarly(graph: Graph): Graph {
  const uses = countUses(graph);
  return rewriteGraph(graph, (sum, original) => {
    if (!sum.op.sumsSlices || uses.get(original.inputs[0]!) !== 1) return sum;
    const linear: OpNode[] = [];
    let x = sum.inputs[0]!;
    while (x.kind === "op" && isMovable(x)) {
      linear.push(x);
      x = x.inputs[0]!;
    }
    if (linear.length === 0 || x.phase !== "slice") return sum;
    return linear.reduceRight(
      (node, { op, attrs }) => makeNode(op, [node], attrs),
      makeNode(sum.op, [x], sum.attrs),
    );
  });
}

function isMovable({ op, inputs, epilogue, type }: OpNode): boolean {
  if (op.linear !== true || op.sumsImages || inputs.length !== 1 || epilogue.length > 0) return false;
  return sizeOf(inputs[0]!.type.shape) <= sizeOf(type.shape);
}

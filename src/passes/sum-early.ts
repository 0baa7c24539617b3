/**
 * Sums over slices before linear ops instead of after: sum_s f(x_s) = f(sum_s x_s).
 *
 * The op then runs once a batch and not once a slice. Not where its input is much larger than its result: adding
 * that up would cost more than the op does.
 */
import { type Graph, type OpNode, sizeOf } from "../graph/node.ts";
import { countUses, rewriteGraph } from "../graph/rewrite.ts";
import { makeNode } from "../ops/define.ts";

/** Winograd's products are up to four times as many as the weights that they are of. */
const largestGrowth = 4;

export function sumEarly(graph: Graph): Graph {
  const uses = countUses(graph);
  return rewriteGraph(graph, (sum, original) => {
    if (!sum.op.sumsSlices || uses.get(original.inputs[0]!) !== 1) return sum;
    const linear: OpNode[] = [];
    let x = sum.inputs[0]!;
    while (x.kind === "op" && x.op.linear && x.inputs.length === 1 && x.epilogue.length === 0) {
      const before = x.inputs[0]!;
      if (sizeOf(before.type.shape) > largestGrowth * sizeOf(sum.type.shape)) break;
      linear.push(x);
      x = before;
    }
    if (linear.length === 0 || x.phase !== "slice") return sum;
    return linear.reduceRight(
      (node, { op, attrs }) => makeNode(op, [node], attrs),
      makeNode(sum.op, [x], sum.attrs),
    );
  });
}

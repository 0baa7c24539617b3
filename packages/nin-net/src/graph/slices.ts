/** What the slices of a batch mean for a graph: which values count images, and whether a slice's images affect each other. */
import { type Graph, inputsOf, type Node, rootsOf, topologicalOrder } from "./node.ts";

/**
 * The nodes whose leading axis counts the images of a slice; what ops that declare `sumsImages` make of them no longer
 * does.
 *
 * @param order - every node after its inputs
 */
export function nodesCountingImages(order: readonly Node[]): Set<Node> {
  const counting = new Set<Node>();
  for (const node of order) {
    const counts =
      node.kind === "op"
        ? !node.op.sumsImages && !node.op.sumsSlices && inputsOf(node).some((x) => counting.has(x))
        : node.phase === "slice";
    if (counts) counting.add(node);
  }
  return counting;
}

/**
 * Whether results depend on how a batch is cut into slices: whether a value that is summed over the images of a slice
 * is used for anything but a sum over slices, such as the mean of a batch normalisation. Ops that declare `linear` may
 * lie between the two sums.
 *
 * A graph of which this is false may be run in slices of any size; only the rounding of its sums depends on it.
 *
 * @param graph - as traced, before any pass
 */
export function mixesImages(graph: Graph): boolean {
  const order = topologicalOrder(rootsOf(graph));
  const counting = nodesCountingImages(order);
  const isSum = (node: Node) => node.phase === "slice" && !counting.has(node);
  return order.some((node) => {
    if (node.kind !== "op" || node.op.sumsSlices || !inputsOf(node).some(isSum)) return false;
    const [first, ...others] = inputsOf(node);
    return !(node.op.linear && isSum(first!) && others.every(({ phase }) => phase === "step"));
  });
}

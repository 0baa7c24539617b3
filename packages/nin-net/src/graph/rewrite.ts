import { type Graph, inputsOf, type Node, type OpNode, rootsOf, topologicalOrder } from "./node.ts";

/**
 * Rebuilds a graph from its inputs up.
 *
 * @param replace - what stands for an op's node; it gets the node as rebuilt on replaced inputs (the node itself
 *   if none of its inputs changed) and the node as it was
 * @returns a new graph; the given one is left as it is
 */
export function rewriteGraph(graph: Graph, replace: (rebuilt: OpNode, original: OpNode) => Node): Graph {
  const replaced = new Map<Node, Node>();
  const mapped = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of topologicalOrder(rootsOf(graph))) {
    if (node.kind === "op") replaced.set(node, replace(withInputs(node, mapped), node));
  }
  return {
    outputs: Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, mapped(node)])),
    updates: new Map([...graph.updates].map(([state, node]) => [state, mapped(node)])),
  };
}

/** How many inputs, outputs and updates read each node. */
export function countUses(graph: Graph): Map<Node, number> {
  const uses = new Map<Node, number>();
  const use = (node: Node) => uses.set(node, (uses.get(node) ?? 0) + 1);
  for (const node of topologicalOrder(rootsOf(graph))) inputsOf(node).forEach(use);
  for (const node of [...Object.values(graph.outputs), ...graph.updates.values()]) use(node);
  return uses;
}

function withInputs(node: OpNode, mapped: (node: Node) => Node): OpNode {
  if (inputsOf(node).every((input) => mapped(input) === input)) return node;
  return {
    ...node,
    inputs: node.inputs.map(mapped),
    epilogue: node.epilogue.map((step) => ({ ...step, inputs: step.inputs.map(mapped) })),
  };
}

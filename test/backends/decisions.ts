/**
 * Which elements a ReLU let pass, and where a window's maximum was. Where two candidates are equal but for rounding,
 * two devices may decide differently, and gradients jump; with the decisions of the one, the other's can be compared.
 */
import { type Graph, input, type Node } from "#nin-net/graph/node.js";
import { rewriteGraph } from "#nin-net/graph/rewrite.js";
import { ops } from "#nin-net/ops/ops.js";

/**
 * A graph that also puts out every decision that its gradients depend on.
 *
 * @param shown - what is put out for a decision; a node of the graph may be kept otherwise if it is an output
 */
export function withDecisions(graph: Graph, shown: (decision: Node) => Node = (node) => node): Graph {
  const decisions: Record<string, Node> = {};
  const made = decided(graph, (node, name) => {
    decisions[name] = shown(node);
    return node;
  });
  return { ...made, outputs: { ...made.outputs, ...decisions } };
}

/** A graph that takes these decisions as inputs instead of making them. */
export function withGivenDecisions(graph: Graph): Graph {
  return decided(graph, ({ type: { shape, dtype } }, name) => input(name, shape, dtype, "slice"));
}

function decided(graph: Graph, decide: (node: Node, name: string) => Node): Graph {
  const known = new Map<Node, Node>();
  const once = (node: Node): Node => {
    const found = known.get(node) ?? decide(node, `decision ${known.size}`);
    known.set(node, found);
    return found;
  };
  return rewriteGraph(graph, (node) => {
    if (node.op === ops.reluGrad) return ops.reluGrad(node.inputs[0]!, once(node.inputs[1]!));
    if (node.op === ops.maxPool2dGrad) return { ...node, inputs: [node.inputs[0]!, once(node.inputs[1]!)] };
    return node;
  });
}

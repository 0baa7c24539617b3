/**
 * Mixed precision: which tensors are stored as 16-bit floats, and how gradients are scaled. Activations of images and
 * their gradients are, which make up most of the memory traffic of a step. Weights, results and all sums stay float32.
 *
 * @see Micikevicius et al. 2018, "Mixed precision training", arXiv:1710.03740
 */
import { type Graph, inputsOf, type Node, type OpNode, rootsOf } from "../../graph/node.ts";
import { kernelOf } from "./kernels.ts";

/**
 * The loss scale: what gradients are multiplied by in 16 bits, so that they neither vanish nor overflow (section 3.2).
 *
 * For NiN at batch 128 those that matter lie between 8e-10 and 4.2e-3 (`bench/gradients.mjs`); they are those of the
 * mean loss, so they shrink as the batch grows.
 */
export function gradientScale(images: number): number {
  return 2 ** (11 + Math.round(Math.log2(images)));
}

/** Whether the node's kernel can store 16-bit floats: [N, H, W, C], whole vectors of channels. */
export function canStoreF16(node: Node): node is OpNode {
  if (node.kind !== "op" || node.phase !== "slice" || node.type.dtype !== "f32") return false;
  const { shape } = node.type;
  return kernelOf(node).storesF16 === true && shape.length === 4 && shape[3]! % 4 === 0;
}

/** Nodes whose bytes are a graph's results, views and sums over one slice included: these stay float32. */
export function resultNodes(graph: Graph): Set<Node> {
  const results = new Set<Node>();
  for (const root of rootsOf(graph)) {
    let node: Node | undefined = root;
    while (node) {
      results.add(node);
      node = sharesBuffer(node) ? node.inputs[0] : undefined;
    }
  }
  return results;
}

function sharesBuffer(node: Node): node is OpNode {
  return node.kind === "op" && (node.op.isView === true || node.op.sumsSlices === true);
}

/** Nodes that are gradients of the loss: what depends on a `gradientSeed`. */
export function gradientNodes(order: readonly Node[]): Set<Node> {
  const gradients = new Set<Node>();
  for (const node of order) {
    const isGradient =
      node.kind === "input" ? node.seedsGradients : inputsOf(node).some((x) => gradients.has(x));
    if (isGradient) gradients.add(node);
  }
  return gradients;
}

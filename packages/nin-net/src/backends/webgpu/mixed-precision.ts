/**
 * Which tensors a GPU may keep as 16-bit floats: activations of images and their gradients, which are most of the
 * memory that a step moves. Weights, sums and what is handed out stay float32, as do all sums within kernels.
 */
import { type Graph, type Node, type OpNode, rootsOf } from "../../graph/node.ts";
import { ops } from "../../ops/ops.ts";
import { kernelOf } from "./kernels.ts";

/**
 * What gradients are multiplied by in 16 bits, so that they neither vanish nor overflow ("loss scaling", Micikevicius
 * et al. 2018, "Mixed precision training", arXiv:1710.03740, section 3.2).
 *
 * For NiN at batch 128 those that matter lie between 8e-10 and 4.2e-3 (`bench/gradients.mjs`); they are those of the
 * mean loss, so that they shrink as the batch grows.
 */
export function gradientScale(images: number): number {
  return 2 ** (11 + Math.round(Math.log2(images)));
}

/** Whether the node's kernel can store 16-bit floats: whole vectors of channels, images leading. */
export function mayBeHalf(node: Node): node is OpNode {
  if (node.kind !== "op" || node.phase !== "slice" || node.type.dtype !== "f32") return false;
  const { shape } = node.type;
  return kernelOf(node).half === true && shape.length === 4 && shape[3]! % 4 === 0;
}

/** Nodes whose bytes are a graph's results. */
export function exposedNodes(graph: Graph): Set<Node> {
  const exposed = new Set<Node>();
  for (const root of rootsOf(graph)) {
    let node: Node | undefined = root;
    while (node) {
      exposed.add(node);
      const alias: boolean =
        node.kind === "op" && [ops.reshape.opName, ops.sumSlices.opName].includes(node.op.opName as never);
      node = alias ? (node as OpNode).inputs[0] : undefined;
    }
  }
  return exposed;
}

/** Nodes that are slopes of the loss: what comes after the gradient of the cross-entropy. */
export function gradientsIn(order: readonly Node[]): Set<Node> {
  const found = new Set<Node>();
  for (const node of order) {
    if (node.kind !== "op") continue;
    const starts = node.op.opName === ops.crossEntropyGrad.opName;
    if (starts || node.inputs.some((input) => found.has(input))) found.add(node);
  }
  return found;
}

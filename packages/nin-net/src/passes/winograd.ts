/**
 * Replaces convolutions of stride 1 by Winograd's algorithm, which needs fewer products (Lavin & Gray 2015, "Fast
 * algorithms for convolutional neural networks", arXiv:1509.09308).
 *
 * F(m x m, r x r) makes m x m outputs of an r x r kernel from n x n inputs, n = m + r - 1, with n^2 products where
 * the definition needs m^2 r^2: Y = A^T [U * (B^T d B)] A with U = G w G^T. For m = 4: 64 instead of 400 for r = 5,
 * 36 instead of 144 for r = 3; where an image is no multiple of 4, another m may need fewer. Equal in exact arithmetic;
 * float32 loses about one decimal digit.
 *
 * The transposed maps give the gradients. With respect to the input: a convolution again, of dy, by the flipped
 * weights, padding r - 1 - p. With respect to the weights: dw = G^T [sum over tiles of (B^T d B) * (A dY A^T)] G.
 */
import type { Graph, Node, OpNode } from "../graph/node.ts";
import type { Convolution } from "../graph/op.ts";
import { rewriteGraph } from "../graph/rewrite.ts";
import { winogradTiles } from "../ops/winograd/matrices.ts";
import {
  flipWeights,
  winogradConv2d,
  winogradConv2dWeightGrad,
  winogradWeights,
  winogradWeightsGrad,
} from "../ops/winograd/winograd.ts";

/** m where the size of the image does not speak for another: larger ones lose precision for r = 5 and have more weights. */
const usualTile = 4;
/**
 * Other tiles, whose edges may fit an image better, must need at most this share of the usual one's products: 6 on 12x12
 * pixels, with 0.79 of them, was no faster, and its weights take 1.8 times the memory.
 */
const worthwhileShare = 0.78;
/** Tiles at the edges are cut; where they leave more than this share of the products, the transforms do not pay. */
const mostProducts = 0.7;

export function winograd(graph: Graph): Graph {
  const made = new Map<Node, Map<string, Node>>();
  /** Weights are transformed once for all their uses. */
  const once = (w: Node, name: string, make: () => Node): Node => {
    const known = made.get(w) ?? new Map<string, Node>();
    made.set(w, known);
    const node = known.get(name) ?? make();
    known.set(name, node);
    return node;
  };

  return rewriteGraph(graph, (node) => {
    const convolution = node.op.convolution?.(node as never);
    const tile = convolution && bestTile(convolution, node);
    if (convolution === undefined || tile === undefined) return node;
    const { role, kernel, padding } = convolution;
    const [first, second] = node.inputs as [Node, Node];
    const attrs = { tile, kernel, padding };
    switch (role) {
      case "forward": {
        const u = once(second, `forward ${tile}`, () => winogradWeights(second, { tile }));
        return winogradConv2d(first, u, attrs);
      }
      case "inputGradient": {
        const u = once(second, `flipped ${tile}`, () => winogradWeights(flipWeights(second), { tile }));
        return winogradConv2d(first, u, { ...attrs, padding: kernel - 1 - padding });
      }
      case "weightGradient":
        return winogradWeightsGrad(winogradConv2dWeightGrad(first, second, attrs), { tile });
      default:
        return role satisfies never;
    }
  });
}

/** The tile by which a convolution needs the fewest products, or nearly; undefined where Winograd's algorithm does not pay. */
function bestTile({ role, kernel, stride, padding }: Convolution, node: OpNode): number | undefined {
  const candidates = winogradTiles.filter(([, taps]) => taps === kernel).map(([tile]) => tile);
  if (candidates.length === 0 || stride !== 1 || padding >= kernel) return undefined;
  const [first, second] = node.inputs as [Node, Node];
  const channels = [first, second, node].map(({ type }) => type.shape[3]!);
  if (first.phase !== "slice" || channels.some((count) => count % 4 !== 0)) return undefined;
  const [, height, width] = (role === "weightGradient" ? second : node).type.shape as [
    number,
    number,
    number,
  ];
  const products = (tile: number) =>
    Math.ceil(height / tile) * Math.ceil(width / tile) * (tile + kernel - 1) ** 2;
  const fewest = candidates.reduce((best, tile) => (products(tile) < products(best) ? tile : best));
  const tile = products(fewest) <= worthwhileShare * products(usualTile) ? fewest : usualTile;
  return products(tile) < mostProducts * height * width * kernel ** 2 ? tile : undefined;
}

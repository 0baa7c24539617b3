/** Runs op nodes on given values, in float64, for tests of ops and graphs. */

import { evaluate } from "#nin-net/backends/reference/evaluate.js";
import { type DType, input, type Node, sizeOf, topologicalOrder } from "#nin-net/graph/node.js";
import type { ReferenceTensor } from "#nin-net/graph/op.js";

const leafData = new WeakMap<Node, Float64Array>();

/** An input node that holds values. */
export function leaf(
  shape: readonly number[],
  data: ArrayLike<number> = sample(sizeOf(shape)),
  dtype: DType = "f32",
): Node {
  const node = input(`leaf [${shape.join(", ")}]`, shape, dtype, "step");
  leafData.set(node, Float64Array.from(data));
  return node;
}

/** The value of a node made of leaves; `replaced` stands in for the values of some of them. */
export function run(node: Node, replaced: ReadonlyMap<Node, Float64Array> = new Map()): Float64Array {
  const values = new Map<Node, ReferenceTensor>();
  for (const each of topologicalOrder([node])) {
    const { shape } = each.type;
    values.set(
      each,
      each.kind === "op"
        ? evaluate(each, (x) => values.get(x)!)
        : { shape, data: replaced.get(each) ?? leafData.get(each)! },
    );
  }
  return values.get(node)!.data;
}

/** The values that a leaf holds. */
export function dataOf(node: Node): Float64Array {
  return leafData.get(node)!;
}

/**
 * Numbers in (-1, 1) in a scattered order, all different and none at 0: away from the kinks of ReLU and of
 * maxima by at least 1 / (2 count).
 */
export function sample(count: number, scatter = 7): Float64Array {
  const stride = coprime(count, scatter);
  return Float64Array.from({ length: count }, (_, i) => (2 * (((i + 1) * stride) % count) + 0.5) / count - 1);
}

function coprime(count: number, from: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let stride = Math.max(from, Math.floor(count * 0.38));
  while (divisor(stride, count) !== 1) stride++;
  return stride;
}

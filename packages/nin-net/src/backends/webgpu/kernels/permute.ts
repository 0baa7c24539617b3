/** Reorders the axes of a tensor of 32-bit values, one thread an element. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import { stridesOf } from "../../../ops/permute.ts";
import type { Lowering } from "../lowering.ts";
import { floats, words } from "../shader.ts";

export function permute(
  node: OpNode & { readonly attrs: { readonly axes: readonly number[] } },
  to: Lowering,
): void {
  const [x] = node.inputs as [Node];
  const strides = stridesOf(x.type.shape);
  const outStrides = stridesOf(node.type.shape);
  // The first axis needs no remainder: its length may differ between slices.
  const terms = node.attrs.axes.map((axis, i) => {
    const index = `id / ${outStrides[i]}u${i === 0 ? "" : ` % ${node.type.shape[i]}u`}`;
    return `${index} * ${strides[axis]}u`;
  });
  const elements = sizeOf(node.type.shape);
  // Words, so that counters pass through as they are.
  const view = to.buffer(x).f16 ? floats : words;
  const read = view("x", to.buffer(x));
  to.launch({
    kernel: "permute",
    reads: [read],
    writes: [view("y", to.buffer(node))],
    body: `if (id < n.x) { y[id] = ${read.at(terms.join(" + ") || "0u")}; }`,
    sizes: [elements],
    threads: elements,
  });
}

/** Reorders the axes of a tensor of 32-bit values, one thread an element. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import { stridesOf } from "../../../ops/permute.ts";
import type { Lowering } from "../lowering.ts";
import { shader, words } from "../shader.ts";

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
  to.launch({
    kernel: "permute",
    wgsl: shader({
      reads: [words("x")],
      writes: [words("y")],
      body: `if (id < n.x) { y[id] = x[${terms.join(" + ") || "0u"}]; }`,
    }),
    buffers: [to.buffer(x), to.buffer(node)],
    sizes: [elements],
    threads: elements,
  });
}

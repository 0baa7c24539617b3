/** What is done to weights once a step: taps mixed, reversed. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import type { MixTapsAttrs } from "../../../ops/mix-taps.ts";
import type { Lowering } from "../lowering.ts";
import { floats } from "../shader.ts";

/** y[t] = sum over s of matrix[t, s] w[s], for each pair of channels. */
export function mixTaps(node: OpNode & { readonly attrs: MixTapsAttrs }, to: Lowering): void {
  const [w] = node.inputs as [Node];
  const [rows, columns, cin, cout] = w.type.shape as [number, number, number, number];
  const [taps, pairs] = [rows * columns, cin * cout];
  const elements = sizeOf(node.type.shape);
  to.launch({
    kernel: "mixTaps",
    reads: [floats("w", to.buffer(w)), floats("mixing", to.constant(Float32Array.from(node.attrs.matrix)))],
    writes: [floats("y", to.buffer(node))],
    body: `
  if (id >= ${elements}u) { return; }
  let row = id / ${pairs}u * ${taps}u;
  var sum = 0.0;
  for (var tap = 0u; tap < ${taps}u; tap++) { sum += mixing[row + tap] * w[tap * ${pairs}u + id % ${pairs}u]; }
  y[id] = sum;`,
    threads: elements,
  });
}

/** Taps in reverse order, input and output channels swapped. */
export function flipWeights(node: OpNode, to: Lowering): void {
  const [w] = node.inputs as [Node];
  const [rows, columns, cin, cout] = w.type.shape as [number, number, number, number];
  const elements = sizeOf(node.type.shape);
  to.launch({
    kernel: "flipWeights",
    reads: [floats("w", to.buffer(w))],
    writes: [floats("y", to.buffer(node))],
    body: `
  if (id >= ${elements}u) { return; }
  let tap = ${rows * columns - 1}u - id / ${cin * cout}u;
  let o = id / ${cin}u % ${cout}u;
  y[id] = w[(tap * ${cin}u + id % ${cin}u) * ${cout}u + o];`,
    threads: elements,
  });
}

/** Losses and hits, one thread an image: there are few classes. */
import type { Node, OpNode } from "../../../graph/node.ts";
import type { Lowering } from "../lowering.ts";
import { byteAt, floats, shader, words } from "../shader.ts";

interface Rule {
  readonly kernel: string;
  /** Statements that store the results of image `id`, whose scores start at `row` and whose label is `label`. */
  readonly body: (classes: number) => string;
  /** Inputs after logits and labels. */
  readonly others?: readonly string[];
}

function classify({ kernel, body, others = [] }: Rule): (node: OpNode, to: Lowering) => void {
  return (node, to) => {
    const [images, classes] = (node.inputs as [Node])[0].type.shape as [number, number];
    to.launch({
      kernel,
      wgsl: shader({
        reads: [floats("x"), words("labels"), ...others.map(floats)],
        writes: [floats("y")],
        body: `
  if (id >= n.x) { return; }
  let row = id * ${classes}u;
  let label = ${byteAt("labels", "id")};
  ${body(classes)}`,
      }),
      buffers: [...node.inputs.map((input) => to.buffer(input)), to.buffer(node)],
      sizes: [images],
      threads: images,
    });
  };
}

/** The largest score is taken off first, so that no exponential overflows. */
const softmax = (classes: number) => `
  var largest = x[row];
  for (var k = 1u; k < ${classes}u; k++) { largest = max(largest, x[row + k]); }
  var sum = 0.0;
  for (var k = 0u; k < ${classes}u; k++) { sum += exp(x[row + k] - largest); }`;

export const crossEntropy = classify({
  kernel: "crossEntropy",
  body: (classes) => `${softmax(classes)}
  y[id] = log(sum) - (x[row + label] - largest);`,
});

export const crossEntropyGrad = classify({
  kernel: "crossEntropyGradient",
  others: ["dy"],
  body: (classes) => `${softmax(classes)}
  for (var k = 0u; k < ${classes}u; k++) {
    y[row + k] = dy[id] * (exp(x[row + k] - largest) / sum - select(0.0, 1.0, k == label));
  }`,
});

export const countCorrect = classify({
  kernel: "countCorrect",
  body: (classes) => `
  var best = 0u;
  for (var k = 1u; k < ${classes}u; k++) { if (x[row + k] > x[row + best]) { best = k; } }
  y[id] = select(0.0, 1.0, best == label);`,
});

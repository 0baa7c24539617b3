/** Losses and hits, one thread an image: there are few classes. */
import type { Node, OpNode } from "../../../graph/node.ts";
import type { Lowering } from "../lowering.ts";
import { type Binding, byteAt, floats, words } from "../shader.ts";

/** Labels are bytes, four to a word, or words. */
function labelAt({ type }: Node, index: string): string {
  return type.dtype === "u8" ? byteAt("labels", index) : `labels[${index}]`;
}

interface Rule {
  readonly kernel: string;
  /** Statements that store the results of image `id`, whose scores start at `row` and whose label is `label`. */
  readonly body: (classes: number, x: Binding) => string;
  /** Inputs after logits and labels. */
  readonly others?: readonly string[];
}

function classify({ kernel, body, others = [] }: Rule): (node: OpNode, to: Lowering) => void {
  return (node, to) => {
    const [logits, labels, ...rest] = node.inputs as [Node, Node, ...Node[]];
    const [images, classes] = logits.type.shape as [number, number];
    const x = floats("x", to.buffer(logits));
    to.launch({
      kernel,
      reads: [
        x,
        words("labels", to.buffer(labels)),
        ...others.map((name, i) => floats(name, to.buffer(rest[i]!))),
      ],
      writes: [floats("y", to.buffer(node))],
      body: `
  if (id >= n.x) { return; }
  let row = id * ${classes}u;
  let label = ${labelAt(labels, "id")};
  ${body(classes, x)}`,
      sizes: [images],
      threads: images,
    });
  };
}

/** The largest score is taken off first, so that no exponential overflows. */
const softmax = (classes: number, x: Binding) => `
  var largest = ${x.at("row")};
  for (var k = 1u; k < ${classes}u; k++) { largest = max(largest, ${x.at("row + k")}); }
  var sum = 0.0;
  for (var k = 0u; k < ${classes}u; k++) { sum += exp(${x.at("row + k")} - largest); }`;

export const crossEntropy = classify({
  kernel: "crossEntropy",
  body: (classes, x) => `${softmax(classes, x)}
  y[id] = log(sum) - (${x.at("row + label")} - largest);`,
});

export const crossEntropyGrad = classify({
  kernel: "crossEntropyGradient",
  others: ["dy"],
  body: (classes, x) => `${softmax(classes, x)}
  for (var k = 0u; k < ${classes}u; k++) {
    y[row + k] = dy[id] * (exp(${x.at("row + k")} - largest) / sum - select(0.0, 1.0, k == label));
  }`,
});

export const countCorrect = classify({
  kernel: "countCorrect",
  body: (classes, x) => `
  var best = 0u;
  for (var k = 1u; k < ${classes}u; k++) { if (${x.at("row + k")} > ${x.at("row + best")}) { best = k; } }
  y[id] = select(0.0, 1.0, best == label);`,
});

/** One thread an element. */
export function oneHot(node: OpNode, to: Lowering): void {
  const [labels] = node.inputs as [Node];
  const [images, classes] = node.type.shape as [number, number];
  to.launch({
    kernel: "oneHot",
    reads: [words("labels", to.buffer(labels))],
    writes: [floats("y", to.buffer(node))],
    body: `
  if (id >= n.x) { return; }
  y[id] = select(0.0, 1.0, ${labelAt(labels, `id / ${classes}u`)} == id % ${classes}u);`,
    sizes: [images * classes],
    threads: images * classes,
  });
}

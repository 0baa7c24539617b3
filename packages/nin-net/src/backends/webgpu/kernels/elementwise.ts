/** Ops that work element by element, four at a time: buffers are whole vectors. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import type { Lowering } from "../lowering.ts";
import { type Binding, floats, vectors, words } from "../shader.ts";

/**
 * One thread four elements.
 *
 * @param value - WGSL of the four results; `id` is the vector's index
 */
export function launch(
  kernel: string,
  node: OpNode,
  to: Lowering,
  reads: readonly Binding[],
  value: string,
  statements = "",
): void {
  const elements = sizeOf(node.type.shape);
  const write = vectors("y", to.buffer(node));
  to.launch({
    kernel,
    reads,
    writes: [write],
    body: `if (id < n.x) { ${statements}${write.put("id", value)} }`,
    sizes: [Math.ceil(elements / 4), elements],
    threads: Math.ceil(elements / 4),
  });
}

/** The node's inputs as vectors. */
function vectorsOf(node: OpNode, to: Lowering): Binding[] {
  return node.inputs.map((input, i) => vectors(`x${i}`, to.buffer(input)));
}

/** An op on one or two tensors of one shape. */
function elementwise(
  kernel: string,
  value: (x: string, other: string) => string,
): (node: OpNode, to: Lowering) => void {
  return (node, to) => {
    const reads = vectorsOf(node, to);
    const [x, other = ""] = reads.map((read) => read.at("id")) as [string, string?];
    launch(kernel, node, to, reads, value(x, other));
  };
}

export const relu = elementwise("relu", (x) => `select(${x}, vec4f(), ${x} <= vec4f())`);
export const reluGrad = elementwise("reluGradient", (dy, y) => `select(vec4f(), ${dy}, ${y} > vec4f())`);
export const add = elementwise("add", (a, b) => `${a} + ${b}`);
export const multiply = elementwise("multiply", (a, b) => `${a} * ${b}`);

export function fromBytes(node: OpNode, to: Lowering): void {
  const [x] = node.inputs as [Node];
  const bytes = "(vec4u(x[id]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(0xffu)";
  launch("fromBytes", node, to, [words("x", to.buffer(x))], `vec4f(${bytes}) / 255.0`);
}

export function scale(node: OpNode, to: Lowering): void {
  const [x, s] = node.inputs as [Node, Node];
  const read = vectors("x", to.buffer(x));
  launch("scale", node, to, [read, floats("s", to.buffer(s))], `${read.at("id")} * s[0]`);
}

export function expand(node: OpNode, to: Lowering): void {
  const [s] = node.inputs as [Node];
  if (s.type.shape[0]! > 1) {
    const { binding, value } = channelsOf("s", s, to);
    launch("expand", node, to, [binding], value);
    return;
  }
  launch("expand", node, to, [floats("s", to.buffer(s))], "vec4f(s[0])");
}

export const addBias = channelwise("addBias", "+");
export const scaleChannels = channelwise("scaleChannels", "*");

/** An op on a tensor [..., C] and one number a channel. */
function channelwise(kernel: string, operator: "+" | "*"): (node: OpNode, to: Lowering) => void {
  return (node, to) => {
    const [x, numbers] = node.inputs as [Node, Node];
    const read = vectors("x", to.buffer(x));
    const channels = channelsOf("c", numbers, to);
    launch(kernel, node, to, [read, channels.binding], `${read.at("id")} ${operator} ${channels.value}`);
  };
}

/** One number a channel, and the WGSL that reads those of the vector `id`. */
export function channelsOf(name: string, numbers: Node, to: Lowering): { binding: Binding; value: string } {
  const channels = numbers.type.shape[0]!;
  if (channels % 4 === 0) {
    const binding = vectors(name, to.buffer(numbers));
    return { binding, value: binding.at(`id % ${channels / 4}u`) };
  }
  const binding = floats(name, to.buffer(numbers));
  const four = [0, 1, 2, 3].map((i) => binding.at(`(4u * id + ${i}u) % ${channels}u`));
  return { binding, value: `vec4f(${four.join(", ")})` };
}

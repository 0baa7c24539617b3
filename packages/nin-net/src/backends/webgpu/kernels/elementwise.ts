/** Ops that work element by element, four at a time: buffers are whole vectors. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import type { Lowering } from "../lowering.ts";
import { type Binding, floats, vectors, words } from "../shader.ts";

/** @param value - WGSL of the four results; `id` is the vector's index */
function launch(kernel: string, node: OpNode, to: Lowering, reads: readonly Binding[], value: string): void {
  const elements = sizeOf(node.type.shape);
  const write = vectors("y", to.buffer(node));
  to.launch({
    kernel,
    reads,
    writes: [write],
    body: `if (id < n.x) { ${write.put("id", value)} }`,
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
  launch("expand", node, to, [floats("s", to.buffer(s))], "vec4f(s[0])");
}

export const addBias = channelwise("addBias", "+");
export const scaleChannels = channelwise("scaleChannels", "*");

/** An op on a tensor [..., C] and one number a channel. */
function channelwise(kernel: string, operator: "+" | "*"): (node: OpNode, to: Lowering) => void {
  return (node, to) => {
    const [x, numbers] = node.inputs as [Node, Node];
    const channels = node.type.shape.at(-1)!;
    const read = vectors("x", to.buffer(x));
    const wide = channels % 4 === 0;
    const four = [0, 1, 2, 3].map((i) => `c[(4u * id + ${i}u) % ${channels}u]`);
    const number = wide ? `c[id % ${channels / 4}u]` : `vec4f(${four.join(", ")})`;
    const reads = [read, (wide ? vectors : floats)("c", to.buffer(numbers))];
    launch(kernel, node, to, reads, `${read.at("id")} ${operator} ${number}`);
  };
}

/** Ops that work element by element, four at a time: buffers are whole vectors. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import type { Lowering } from "../lowering.ts";
import { type Binding, floats, shader, vectors, words } from "../shader.ts";

/** @param value - WGSL of the four results; `id` is the vector's index */
function launch(
  kernel: string,
  node: OpNode,
  to: Lowering,
  reads: readonly Binding[],
  value: string,
  inputs: readonly Node[] = node.inputs,
): void {
  const elements = sizeOf(node.type.shape);
  to.launch({
    kernel,
    wgsl: shader({
      reads,
      writes: [vectors("y")],
      body: `if (id < n.x) { y[id] = ${value}; }`,
    }),
    buffers: [...inputs.map((input) => to.buffer(input)), to.buffer(node)],
    sizes: [Math.ceil(elements / 4), elements],
    threads: Math.ceil(elements / 4),
  });
}

export function fromBytes(node: OpNode, to: Lowering): void {
  const bytes = "(vec4u(x[id]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(0xffu)";
  launch("fromBytes", node, to, [words("x")], `vec4f(${bytes}) / 255.0`);
}

export function relu(node: OpNode, to: Lowering): void {
  launch("relu", node, to, [vectors("x")], "select(x[id], vec4f(), x[id] <= vec4f())");
}

export function reluGrad(node: OpNode, to: Lowering): void {
  const value = "select(vec4f(), dy[id], y_[id] > vec4f())";
  launch("reluGradient", node, to, [vectors("dy"), vectors("y_")], value);
}

export function add(node: OpNode, to: Lowering): void {
  launch("add", node, to, [vectors("a"), vectors("b")], "a[id] + b[id]");
}

export function multiply(node: OpNode, to: Lowering): void {
  launch("multiply", node, to, [vectors("a"), vectors("b")], "a[id] * b[id]");
}

export function scale(node: OpNode, to: Lowering): void {
  launch("scale", node, to, [vectors("x"), floats("s")], "x[id] * s[0]");
}

export function expand(node: OpNode, to: Lowering): void {
  launch("expand", node, to, [floats("s")], "vec4f(s[0])", node.inputs.slice(0, 1));
}

export function addBias(node: OpNode, to: Lowering): void {
  const channels = node.type.shape.at(-1)!;
  if (channels % 4 === 0) {
    launch("addBias", node, to, [vectors("x"), vectors("b")], `x[id] + b[id % ${channels / 4}u]`);
    return;
  }
  const four = [0, 1, 2, 3].map((i) => `b[(4u * id + ${i}u) % ${channels}u]`);
  launch("addBias", node, to, [vectors("x"), floats("b")], `x[id] + vec4f(${four.join(", ")})`);
}

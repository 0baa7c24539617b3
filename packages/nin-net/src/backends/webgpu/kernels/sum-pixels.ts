/** Sums over pixels, in pieces that are added in order: as many on every GPU. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import { broadcastOf, type PointwiseAttrs } from "../../../ops/pointwise/pointwise.ts";
import type { Lowering } from "../lowering.ts";
import { type Binding, floats } from "../shader.ts";
import { indices } from "./core.ts";
import { expressionCode } from "./pointwise.ts";
import { sumPieces } from "./sum-pieces.ts";

const mostPieces = 1024;
const leastPixels = 32;
/** Pixels that a thread reads before it adds them up, in order: so many reads are under way at a time. */
const together = 8;

/** x [pixels, channels] -> [channels] */
export function sumPixels(node: OpNode, to: Lowering, channels: number): void {
  const [x] = node.inputs as [Node];
  const read = floats("x", to.buffer(x));
  const value = read.at(`pixel * ${channels}u + c`);
  sumOverPixels("sumPixels", node, to, { reads: [read], code: "", value }, sizeOf(x.type.shape), channels);
}

/** The same of an expression. */
export function sumPointwise(node: OpNode & { readonly attrs: PointwiseAttrs }, to: Lowering): void {
  const { name, instructions } = node.attrs;
  const { shape } = node.inputs[0]!.type;
  const channels = shape.at(-1)!;
  const reads = node.inputs.map((input, i) => floats(`x${i}`, to.buffer(input)));
  const places = { none: `pixel * ${channels}u + c`, scalar: "0u", channels: "c" };
  const values = node.inputs.map((input, i) =>
    reads[i]!.at(places[broadcastOf(name, input.type.shape, shape)]),
  );
  const { code, result } = expressionCode(instructions, "f32", values);
  sumOverPixels("sumPointwise", node, to, { reads, code, value: result }, sizeOf(shape), channels);
}

/** A number of a `pixel` and its channel `c`, in WGSL. */
interface Summand {
  readonly reads: readonly Binding[];
  readonly code: string;
  readonly value: string;
}

function sumOverPixels(
  kernel: string,
  node: OpNode,
  to: Lowering,
  { reads, code, value }: Summand,
  elements: number,
  channels: number,
): void {
  const pixels = elements / channels;
  const pieces = Math.max(1, Math.min(mostPieces, Math.floor(pixels / leastPixels)));
  const result = to.buffer(node);
  const parts = pieces > 1 ? to.scratch(pieces * channels) : result;
  const values = indices(together).map((i) => `let summand${i} = summand(pixel + ${i}u, c);`);
  const sums = indices(together).map((i) => `sum += summand${i};`);
  to.launch({
    kernel,
    reads,
    writes: [floats("y", parts)],
    declarations: `fn summand(pixel: u32, c: u32) -> f32 { ${code} return ${value}; }`,
    body: `
  if (id >= n.z * ${channels}u) { return; }
  let piece = id / ${channels}u;
  let c = id % ${channels}u;
  var sum = 0.0;
  let end = min((piece + 1u) * n.y, n.x);
  var pixel = piece * n.y;
  for (; pixel + ${together}u <= end; pixel += ${together}u) {
    ${[...values, ...sums].join(" ")}
  }
  for (; pixel < end; pixel++) { sum += summand(pixel, c); }
  y[id] = sum;`,
    sizes: [pixels, Math.ceil(pixels / pieces), pieces],
    threads: pieces * channels,
  });
  if (pieces > 1) sumPieces(parts, result, pieces, channels, to);
}

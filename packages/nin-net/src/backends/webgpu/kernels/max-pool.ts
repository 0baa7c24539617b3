/** Max pooling: maxima and their positions in one sweep, and the gradient. Four elements a thread. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import type { PoolAttrs } from "../../../ops/window.ts";
import type { Lowering } from "../lowering.ts";
import { type Binding, byteAt, floats, vectors, words } from "../shader.ts";
import { epilogue } from "./epilogue.ts";

/** @param maxima, positions - the nodes to compute; one of them may be missing */
export function maxPool(
  node: OpNode & { readonly attrs: PoolAttrs },
  to: Lowering,
  maxima: OpNode | undefined,
  positions: OpNode | undefined,
): void {
  const [x] = node.inputs as [Node];
  const elements = sizeOf(node.type.shape);
  const wide = node.type.shape[3]! % 4 === 0;
  const view = wide ? vectors : floats;
  const read = view("x", to.buffer(x));
  const y = maxima && view("y", to.buffer(maxima));
  const taps = positions && words("taps", to.buffer(positions));
  const pack = "m.tap[0] | (m.tap[1] << 8u) | (m.tap[2] << 16u) | (m.tap[3] << 24u)";
  const wideBody = `
  if (id >= n.x) { return; }
  let m = largest(id);
  ${y ? y.put("id", "m.value") : ""}
  ${positions ? `taps[id] = ${pack};` : ""}`;
  const narrowBody = `
  if (id >= n.x) { return; }
  var word = 0u;
  for (var lane = 0u; lane < 4u; lane++) {
    if (4u * id + lane >= n.y) { break; }
    let m = largest(4u * id + lane);
    ${y ? y.put("4u * id + lane", "m.value") : ""}
    word |= m.tap << (8u * lane);
  }
  ${positions ? "taps[id] = word;" : ""}`;
  to.launch({
    kernel: "maxPool",
    reads: [read],
    writes: [y, taps].filter((binding) => binding !== undefined),
    declarations: largest(node, read),
    body: wide ? wideBody : narrowBody,
    sizes: [Math.ceil(elements / 4), elements],
    threads: Math.ceil(elements / 4),
  });
  for (const covered of [maxima, positions]) if (covered) to.covered(covered);
}

/** A function that finds the maximum of one window, for one channel or four; a NaN counts as larger than any number. */
function largest({ attrs, type, inputs }: OpNode & { readonly attrs: PoolAttrs }, x: Binding): string {
  const [, height, width, all] = inputs[0]!.type.shape as [number, number, number, number];
  const [, outHeight, outWidth] = type.shape as [number, number, number];
  const { kernel, stride, padding } = attrs;
  const wide = x.view === "vec4f";
  const channels = wide ? all / 4 : all;
  const [T, U, B] = wide ? ["vec4f", "vec4u", "vec4<bool>"] : ["f32", "u32", "bool"];
  return `
struct Maximum { value: ${T}, tap: ${U} }
fn isNan(v: ${T}) -> ${B} { return (bitcast<${U}>(v) & ${U}(0x7fffffffu)) > ${U}(0x7f800000u); }
fn largest(i: u32) -> Maximum {
  let c = i % ${channels}u;
  let top = i32(i / ${channels * outWidth}u % ${outHeight}u) * ${stride} - ${padding};
  let left = i32(i / ${channels}u % ${outWidth}u) * ${stride} - ${padding};
  let image = i / ${channels * outWidth * outHeight}u;
  var m = Maximum();
  var first = true;
  for (var u = 0; u < ${kernel}; u++) {
    for (var v = 0; v < ${kernel}; v++) {
      let row = top + u;
      let column = left + v;
      if (row < 0 || column < 0 || row >= ${height} || column >= ${width}) { continue; }
      let value = ${x.at(`((image * ${height}u + u32(row)) * ${width}u + u32(column)) * ${channels}u + c`)};
      let better = (value > m.value) | (isNan(value) & !isNan(m.value)) | ${B}(first);
      m.value = select(m.value, value, better);
      m.tap = select(m.tap, ${U}(u32(u * ${kernel} + v)), better);
      first = false;
    }
  }
  return m;
}`;
}

/** dx: each input pixel adds up the windows whose maximum it is. */
export function maxPoolGrad(node: OpNode & { readonly attrs: PoolAttrs }, to: Lowering): void {
  const [dy, index] = node.inputs as [Node, Node];
  const [, height, width, all] = node.type.shape as [number, number, number, number];
  const [, outHeight, outWidth] = dy.type.shape as [number, number, number];
  const { kernel, stride, padding } = node.attrs;
  const wide = all % 4 === 0;
  const channels = wide ? all / 4 : all;
  const T = wide ? "vec4f" : "f32";
  const [view, zero] = wide ? [vectors, "vec4f()"] : [floats, "0.0"];
  const read = view("dy", to.buffer(dy));
  const write = view("dx", to.buffer(node));
  const ending = epilogue(node, to, wide ? "vec4f" : "f32");
  const threads = sizeOf(node.type.shape) / (wide ? 4 : 1);
  const taps = wide
    ? "(vec4u(taps[source]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(0xffu)"
    : byteAt("taps", "source");
  to.launch({
    kernel: "maxPoolGradient",
    reads: [read, words("taps", to.buffer(index)), ...ending.bindings],
    writes: [write],
    body: `
  if (id >= n.x) { return; }
  let channel = id % ${channels}u;
  let column = i32(id / ${channels}u % ${width}u) + ${padding};
  let row = i32(id / ${channels * width}u % ${height}u) + ${padding};
  let image = id / ${channels * width * height}u;
  let firstI = max(0, (row - ${kernel} + ${stride}) / ${stride});
  let firstJ = max(0, (column - ${kernel} + ${stride}) / ${stride});
  var r = ${zero};
  for (var i = firstI; i < ${outHeight} && i * ${stride} <= row; i++) {
    for (var j = firstJ; j < ${outWidth} && j * ${stride} <= column; j++) {
      let u = row - i * ${stride};
      let v = column - j * ${stride};
      if (u >= ${kernel} || v >= ${kernel}) { continue; }
      let source = ((image * ${outHeight}u + u32(i)) * ${outWidth}u + u32(j)) * ${channels}u + channel;
      r += select(${T}(), ${read.at("source")}, (${taps}) == ${wide ? "vec4u" : "u32"}(u32(u * ${kernel} + v)));
    }
  }
  let at = id;
  ${ending.code}
  ${write.put("at", "r")}`,
    sizes: [threads],
    threads,
  });
}

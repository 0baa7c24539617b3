/** Max pooling: maxima and their positions in one sweep, and the gradient. Four elements a thread. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import type { PoolAttrs } from "../../../ops/max-pool-2d.ts";
import type { Lowering } from "../lowering.ts";
import { byteAt, floats, shader, vectors, words } from "../shader.ts";
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
  const results = [
    ...(maxima ? [{ binding: wide ? vectors("y") : floats("y"), of: maxima }] : []),
    ...(positions ? [{ binding: words("taps"), of: positions }] : []),
  ];
  const pack = "m.tap[0] | (m.tap[1] << 8u) | (m.tap[2] << 16u) | (m.tap[3] << 24u)";
  const wideBody = `
  if (id >= n.x) { return; }
  let m = largest(id);
  ${maxima ? "y[id] = m.value;" : ""}
  ${positions ? `taps[id] = ${pack};` : ""}`;
  const narrowBody = `
  if (id >= n.x) { return; }
  var word = 0u;
  for (var lane = 0u; lane < 4u; lane++) {
    if (4u * id + lane >= n.y) { break; }
    let m = largest(4u * id + lane);
    ${maxima ? "y[4u * id + lane] = m.value;" : ""}
    word |= m.tap << (8u * lane);
  }
  ${positions ? "taps[id] = word;" : ""}`;
  to.launch({
    kernel: "maxPool",
    wgsl: shader({
      reads: [wide ? vectors("x") : floats("x")],
      writes: results.map(({ binding }) => binding),
      declarations: largest(node, x, wide),
      body: wide ? wideBody : narrowBody,
    }),
    buffers: [to.buffer(x), ...results.map(({ of }) => to.buffer(of))],
    sizes: [Math.ceil(elements / 4), elements],
    threads: Math.ceil(elements / 4),
  });
  for (const { of } of results) to.covered(of);
}

/** A function that finds the maximum of one window, for one channel or four; a NaN counts as larger than any number. */
function largest({ attrs, type }: OpNode & { readonly attrs: PoolAttrs }, x: Node, wide: boolean): string {
  const [, height, width, all] = x.type.shape as [number, number, number, number];
  const [, outHeight, outWidth] = type.shape as [number, number, number];
  const { kernel, stride, padding } = attrs;
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
      let value = x[((image * ${height}u + u32(row)) * ${width}u + u32(column)) * ${channels}u + c];
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
  const [of, zero] = wide ? [vectors, "vec4f()"] : [floats, "0.0"];
  const ending = epilogue(node, to, wide ? "vec4f" : "f32");
  const threads = sizeOf(node.type.shape) / (wide ? 4 : 1);
  const taps = wide
    ? "(vec4u(taps[source]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(0xffu)"
    : byteAt("taps", "source");
  to.launch({
    kernel: "maxPoolGradient",
    wgsl: shader({
      reads: [of("dy"), words("taps"), ...ending.bindings],
      writes: [of("dx")],
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
      r += select(${T}(), dy[source], (${taps}) == ${wide ? "vec4u" : "u32"}(u32(u * ${kernel} + v)));
    }
  }
  let at = id;
  ${ending.code}
  dx[at] = r;`,
    }),
    buffers: [to.buffer(dy), to.buffer(index), ...ending.buffers, to.buffer(node)],
    sizes: [threads],
    threads,
  });
}

/** Averages over windows and their gradients, one thread an element. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import type { AvgPoolAttrs } from "../../../ops/avg-pool-2d.ts";
import type { Lowering } from "../lowering.ts";
import { floats } from "../shader.ts";
import { epilogue } from "./epilogue.ts";

/** The windows along one axis, in WGSL; `i` is a window's index and `at` a pixel's. */
interface WindowCode {
  /** First pixel of the image in the window, one past the last, and how many it is divided by. */
  readonly start: (i: string) => string;
  readonly end: (i: string) => string;
  readonly size: (i: string) => string;
  /** First and one past the last of the windows that may hold the pixel. */
  readonly first: (at: string) => string;
  readonly last: (at: string) => string;
}

type WindowCodeOf = (length: number, count: number) => WindowCode;

/** See `adaptiveWindows`. */
const adaptive: WindowCodeOf = (length, count) => {
  const start = (i: string) => `(${i} * ${length}u / ${count}u)`;
  const end = (i: string) => `(((${i} + 1u) * ${length}u + ${count - 1}u) / ${count}u)`;
  const size = (i: string) => `(${end(i)} - ${start(i)})`;
  return { start, end, size, first: () => "0u", last: () => `${count}u` };
};

/** See `slidingWindows`. */
function sliding({ kernel, stride, padding, countIncludePad }: AvgPoolAttrs): WindowCodeOf {
  return (length, count) => {
    const start = (i: string) => `(max(${i} * ${stride}u, ${padding}u) - ${padding}u)`;
    const end = (i: string) => `(min(${i} * ${stride}u + ${kernel}u, ${length + padding}u) - ${padding}u)`;
    const padded = (i: string) =>
      `(min(${i} * ${stride}u + ${kernel}u, ${length + 2 * padding}u) - ${i} * ${stride}u)`;
    return {
      start,
      end,
      size: countIncludePad ? padded : (i) => `(${end(i)} - ${start(i)})`,
      first: (at) => `((max(${at} + ${padding + stride}u, ${kernel}u) - ${kernel}u) / ${stride}u)`,
      last: (at) => `min((${at} + ${padding}u) / ${stride}u + 1u, ${count}u)`,
    };
  };
}

export function avgPool(node: OpNode & { readonly attrs: AvgPoolAttrs }, to: Lowering): void {
  average(node, to, sliding(node.attrs));
}

export function avgPoolGrad(node: OpNode & { readonly attrs: AvgPoolAttrs }, to: Lowering): void {
  averageGrad(node, to, sliding(node.attrs));
}

export function adaptiveAvgPool(node: OpNode, to: Lowering): void {
  average(node, to, adaptive);
}

export function adaptiveAvgPoolGrad(node: OpNode, to: Lowering): void {
  averageGrad(node, to, adaptive);
}

function average(node: OpNode, to: Lowering, windowsOf: WindowCodeOf): void {
  const [x] = node.inputs as [Node];
  const [, height, width, channels] = x.type.shape as [number, number, number, number];
  const [, outHeight, outWidth] = node.type.shape as [number, number, number];
  const [rows, columns] = [windowsOf(height, outHeight), windowsOf(width, outWidth)];
  const elements = sizeOf(node.type.shape);
  const read = floats("x", to.buffer(x));
  to.launch({
    kernel: "averagePool",
    reads: [read],
    writes: [floats("y", to.buffer(node))],
    body: `
  if (id >= n.x) { return; }
  let c = id % ${channels}u;
  let j = id / ${channels}u % ${outWidth}u;
  let i = id / ${channels * outWidth}u % ${outHeight}u;
  let image = id / ${channels * outWidth * outHeight}u;
  var sum = 0.0;
  for (var row = ${rows.start("i")}; row < ${rows.end("i")}; row++) {
    for (var column = ${columns.start("j")}; column < ${columns.end("j")}; column++) {
      sum += ${read.at(`((image * ${height}u + row) * ${width}u + column) * ${channels}u + c`)};
    }
  }
  y[id] = sum / f32(${rows.size("i")} * ${columns.size("j")});`,
    sizes: [elements],
    threads: elements,
  });
}

function averageGrad(node: OpNode, to: Lowering, windowsOf: WindowCodeOf): void {
  const [dy] = node.inputs as [Node];
  const [, height, width, channels] = node.type.shape as [number, number, number, number];
  const [, outHeight, outWidth] = dy.type.shape as [number, number, number];
  const [rows, columns] = [windowsOf(height, outHeight), windowsOf(width, outWidth)];
  const elements = sizeOf(node.type.shape);
  const ending = epilogue(node, to, "f32");
  const read = floats("dy", to.buffer(dy));
  to.launch({
    kernel: "averagePoolGradient",
    reads: [read, ...ending.bindings],
    writes: [floats("dx", to.buffer(node))],
    body: `
  if (id >= n.x) { return; }
  let channel = id % ${channels}u;
  let column = id / ${channels}u % ${width}u;
  let row = id / ${channels * width}u % ${height}u;
  let image = id / ${channels * width * height}u;
  var r = 0.0;
  for (var i = ${rows.first("row")}; i < ${rows.last("row")}; i++) {
    if (row < ${rows.start("i")} || row >= ${rows.end("i")}) { continue; }
    for (var j = ${columns.first("column")}; j < ${columns.last("column")}; j++) {
      if (column < ${columns.start("j")} || column >= ${columns.end("j")}) { continue; }
      let source = ((image * ${outHeight}u + i) * ${outWidth}u + j) * ${channels}u + channel;
      r += ${read.at("source")} / f32(${rows.size("i")} * ${columns.size("j")});
    }
  }
  let at = id;
  ${ending.code}
  dx[at] = r;`,
    sizes: [elements],
    threads: elements,
  });
}

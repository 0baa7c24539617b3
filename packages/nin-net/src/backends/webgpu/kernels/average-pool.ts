/** Adaptive average pooling and its gradient, one thread an element. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import type { Lowering } from "../lowering.ts";
import { floats } from "../shader.ts";
import { epilogue } from "./epilogue.ts";

/** Where window `i` of `count` over `length` starts and ends. */
const startOf = (i: string, length: number, count: number) => `${i} * ${length}u / ${count}u`;
const endOf = (i: string, length: number, count: number) =>
  `((${i} + 1u) * ${length}u + ${count - 1}u) / ${count}u`;

export function averagePool(node: OpNode, to: Lowering): void {
  const [x] = node.inputs as [Node];
  const [, height, width, channels] = x.type.shape as [number, number, number, number];
  const [, outHeight, outWidth] = node.type.shape as [number, number, number];
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
  let top = ${startOf("i", height, outHeight)};
  let bottom = ${endOf("i", height, outHeight)};
  let left = ${startOf("j", width, outWidth)};
  let right = ${endOf("j", width, outWidth)};
  var sum = 0.0;
  for (var row = top; row < bottom; row++) {
    for (var column = left; column < right; column++) {
      sum += ${read.at(`((image * ${height}u + row) * ${width}u + column) * ${channels}u + c`)};
    }
  }
  y[id] = sum / f32((bottom - top) * (right - left));`,
    sizes: [elements],
    threads: elements,
  });
}

export function averagePoolGrad(node: OpNode, to: Lowering): void {
  const [dy] = node.inputs as [Node];
  const [, height, width, channels] = node.type.shape as [number, number, number, number];
  const [, outHeight, outWidth] = dy.type.shape as [number, number, number];
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
  for (var i = 0u; i < ${outHeight}u; i++) {
    let top = ${startOf("i", height, outHeight)};
    let bottom = ${endOf("i", height, outHeight)};
    if (row < top || row >= bottom) { continue; }
    for (var j = 0u; j < ${outWidth}u; j++) {
      let left = ${startOf("j", width, outWidth)};
      let right = ${endOf("j", width, outWidth)};
      if (column < left || column >= right) { continue; }
      let source = ((image * ${outHeight}u + i) * ${outWidth}u + j) * ${channels}u + channel;
      r += ${read.at("source")} / f32((bottom - top) * (right - left));
    }
  }
  let at = id;
  ${ending.code}
  dx[at] = r;`,
    sizes: [elements],
    threads: elements,
  });
}

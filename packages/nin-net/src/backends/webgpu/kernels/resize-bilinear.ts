/** Bilinear resizing and its gradient, one thread an element. */
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import { bilinearBlends } from "../../../ops/resize-bilinear.ts";
import type { Lowering } from "../lowering.ts";
import { floats } from "../shader.ts";

/** [to, 3]: the two pixels that each resized pixel blends, and the second one's share. */
function blendTable(from: number, to: number): Float32Array {
  return Float32Array.from(
    bilinearBlends(from, to).flatMap(({ low, high, fraction }) => [low, high, fraction]),
  );
}

export function resizeBilinear(node: OpNode, to: Lowering): void {
  const [x] = node.inputs as [Node];
  const [, height, width, channels] = x.type.shape as [number, number, number, number];
  const [, outHeight, outWidth] = node.type.shape as [number, number, number];
  const elements = sizeOf(node.type.shape);
  const read = floats("x", to.buffer(x));
  to.launch({
    kernel: "resizeBilinear",
    reads: [
      read,
      floats("rows", to.constant(blendTable(height, outHeight))),
      floats("columns", to.constant(blendTable(width, outWidth))),
    ],
    writes: [floats("y", to.buffer(node))],
    declarations: `
fn pixel(image: u32, i: f32, j: f32, c: u32) -> f32 {
  return ${read.at(`((image * ${height}u + u32(i)) * ${width}u + u32(j)) * ${channels}u + c`)};
}`,
    body: `
  if (id >= n.x) { return; }
  let c = id % ${channels}u;
  let column = 3u * (id / ${channels}u % ${outWidth}u);
  let row = 3u * (id / ${channels * outWidth}u % ${outHeight}u);
  let image = id / ${channels * outWidth * outHeight}u;
  let across = columns[column + 2u];
  let top = mix(pixel(image, rows[row], columns[column], c), pixel(image, rows[row], columns[column + 1u], c), across);
  let low = mix(pixel(image, rows[row + 1u], columns[column], c), pixel(image, rows[row + 1u], columns[column + 1u], c), across);
  y[id] = mix(top, low, rows[row + 2u]);`,
    sizes: [elements],
    threads: elements,
  });
}

/** [length, 2]: the first resized pixel that each pixel has a share in, and the one after the last. */
function reachTable(from: number, to: number): Float32Array {
  const blends = bilinearBlends(from, to);
  return Float32Array.from(
    Array.from({ length: from }, (_, pixel) => {
      const uses = blends.flatMap(({ low, high }, i) => (low === pixel || high === pixel ? [i] : []));
      return uses.length > 0 ? [uses[0]!, uses.at(-1)! + 1] : [0, 0];
    }).flat(),
  );
}

export function resizeBilinearGrad(node: OpNode, to: Lowering): void {
  const [dy] = node.inputs as [Node];
  const [, height, width, channels] = node.type.shape as [number, number, number, number];
  const [, outHeight, outWidth] = dy.type.shape as [number, number, number];
  const elements = sizeOf(node.type.shape);
  const share = (table: string) => `
fn ${table}Share(at: u32, pixel: f32) -> f32 {
  let low = select(0.0, 1.0 - ${table}[3u * at + 2u], ${table}[3u * at] == pixel);
  return low + select(0.0, ${table}[3u * at + 2u], ${table}[3u * at + 1u] == pixel);
}`;
  const read = floats("dy", to.buffer(dy));
  to.launch({
    kernel: "resizeBilinearGradient",
    reads: [
      read,
      floats("rows", to.constant(blendTable(height, outHeight))),
      floats("columns", to.constant(blendTable(width, outWidth))),
      floats("rowReach", to.constant(reachTable(height, outHeight))),
      floats("columnReach", to.constant(reachTable(width, outWidth))),
    ],
    writes: [floats("dx", to.buffer(node))],
    declarations: `${share("rows")}${share("columns")}`,
    body: `
  if (id >= n.x) { return; }
  let c = id % ${channels}u;
  let column = id / ${channels}u % ${width}u;
  let row = id / ${channels * width}u % ${height}u;
  let image = id / ${channels * width * height}u;
  var sum = 0.0;
  for (var i = u32(rowReach[2u * row]); i < u32(rowReach[2u * row + 1u]); i++) {
    for (var j = u32(columnReach[2u * column]); j < u32(columnReach[2u * column + 1u]); j++) {
      let weight = rowsShare(i, f32(row)) * columnsShare(j, f32(column));
      sum += weight * ${read.at(`((image * ${outHeight}u + i) * ${outWidth}u + j) * ${channels}u + c`)};
    }
  }
  dx[id] = sum;`,
    sizes: [elements],
    threads: elements,
  });
}

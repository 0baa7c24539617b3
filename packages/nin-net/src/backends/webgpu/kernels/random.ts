/** What is drawn by Philox4x32-10, the same numbers as on every other backend. */
import { Purpose } from "../../../core/random.ts";
import { type Node, type OpNode, sizeOf } from "../../../graph/node.ts";
import type { RandomEraseAttrs } from "../../../ops/random-erase.ts";
import { keepThreshold, type RandomMaskAttrs } from "../../../ops/random-mask.ts";
import type { RandomMoveAttrs } from "../../../ops/random-move.ts";
import type { Lowering } from "../lowering.ts";
import { floats, real, words } from "../shader.ts";

const philox = `
fn multiplyHigh(a: u32, b: u32) -> u32 {
  let aLow = a & 0xffffu;
  let aHigh = a >> 16u;
  let bLow = b & 0xffffu;
  let bHigh = b >> 16u;
  let middle = aHigh * bLow + ((aLow * bLow) >> 16u);
  let cross = aLow * bHigh + (middle & 0xffffu);
  return aHigh * bHigh + (middle >> 16u) + (cross >> 16u);
}
fn philox(counter: vec4u, start: vec2u) -> vec4u {
  var c = counter;
  var k = start;
  for (var round = 0; round < 10; round++) {
    let high0 = multiplyHigh(0xd2511f53u, c.x);
    let high1 = multiplyHigh(0xcd9e8d57u, c.z);
    c = vec4u(high1 ^ c.y ^ k.x, c.z * 0xcd9e8d57u, high0 ^ c.w ^ k.y, c.x * 0xd2511f53u);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}`;

/** A block of four words a thread. */
export function randomMask(node: OpNode & { readonly attrs: RandomMaskAttrs }, to: Lowering): void {
  const [key, start] = node.inputs as [Node, Node];
  const { shape, rate, stream } = node.attrs;
  const elements = sizeOf(shape);
  const blocks = Math.ceil(elements / 4) + 1;
  to.launch({
    kernel: "randomMask",
    reads: [words("key", to.buffer(key)), words("start", to.buffer(start))],
    writes: [floats("y", to.buffer(node))],
    declarations: philox,
    body: `
  if (id >= n.y) { return; }
  let first = start[0] * ${sizeOf(shape.slice(1))}u;
  let block = first / 4u + id;
  let drawn = philox(vec4u(block, key[2], ${stream}u, key[1]), vec2u(key[0], ${Purpose.dropout}u));
  for (var i = 0u; i < 4u; i++) {
    let index = block * 4u + i;
    if (index < first || index - first >= n.x) { continue; }
    y[index - first] = select(0.0, ${real(1 / (1 - rate))}, (drawn[i] >> 8u) >= ${keepThreshold(rate)}u);
  }`,
    sizes: [elements, blocks],
    threads: blocks,
  });
}

export function randomMove(node: OpNode & { readonly attrs: RandomMoveAttrs }, to: Lowering): void {
  const { shift, flip, stream } = node.attrs;
  const reach = 2 * shift + 1;
  randomImages(
    "randomMove",
    node,
    to,
    stream,
    (w, h, c) => `
  let down = i32(multiplyHigh(drawn.y, ${reach}u)) - ${shift};
  let right = i32(multiplyHigh(drawn.z, ${reach}u)) - ${shift};
  let fromRow = row - down;
  let mirrored = ${flip ? "(drawn.x >> 31u) == 1u" : "false"};
  let fromColumn = select(column, ${w - 1} - column, mirrored) - right;
  let isInside = fromRow >= 0 && fromRow < ${h} && fromColumn >= 0 && fromColumn < ${w};
  let at = image * ${h * w * c}u + u32(max(fromRow, 0) * ${w} + max(fromColumn, 0)) * ${c}u + channel;
  if (isInside) { y[id] = x[at]; } else { y[id] = 0.0; }`,
  );
}

export function randomErase(node: OpNode & { readonly attrs: RandomEraseAttrs }, to: Lowering): void {
  const { side, stream } = node.attrs;
  const half = Math.floor(side / 2);
  randomImages(
    "randomErase",
    node,
    to,
    stream,
    (w, h) => `
  let top = i32(multiplyHigh(drawn.x, ${h}u)) - ${half};
  let left = i32(multiplyHigh(drawn.y, ${w}u)) - ${half};
  let erased = row >= top && row < top + ${side} && column >= left && column < left + ${side};
  if (erased) { y[id] = 0.0; } else { y[id] = x[id]; }`,
  );
}

/** An op that changes each image at random: an element a thread. */
function randomImages(
  kernel: string,
  node: OpNode,
  to: Lowering,
  stream: number,
  body: (w: number, h: number, c: number) => string,
): void {
  const [x, key, start] = node.inputs as [Node, Node, Node];
  const [, h, w, c] = node.type.shape as [number, number, number, number];
  const elements = sizeOf(node.type.shape);
  to.launch({
    kernel,
    reads: [floats("x", to.buffer(x)), words("key", to.buffer(key)), words("start", to.buffer(start))],
    writes: [floats("y", to.buffer(node))],
    declarations: philox,
    body: `
  if (id >= n.x) { return; }
  let image = id / ${h * w * c}u;
  let channel = id % ${c}u;
  let column = i32((id / ${c}u) % ${w}u);
  let row = i32((id / ${c * w}u) % ${h}u);
  let drawn = philox(vec4u(start[0] + image, key[2], ${stream}u, key[1]), vec2u(key[0], ${Purpose.augment}u));${body(w, h, c)}`,
    sizes: [elements],
    threads: elements,
  });
}

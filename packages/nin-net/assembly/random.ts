import { floats, pointer, real, word } from "./args";

/**
 * Dropout: keeps an element where the upper 24 bits of its random word reach a threshold. Philox4x32-10, with the
 * counter (index / 4, step, stream, epoch) and the key (seed, purpose): see packages/nin-net/src/ops/random-mask.ts. One task an image.
 *
 * args: key (seed, epoch, step), start (one u32), y, elements an image, stream, threshold, value where kept, purpose
 */
export function randomMask(args: usize, task: i32, _scratch: usize): void {
  const key = pointer(args, 0);
  const elements = <u32>word(args, 3);
  const threshold = <u32>word(args, 5);
  const kept = real(args, 6);
  const begin = (load<u32>(pointer(args, 1)) + <u32>task) * elements;
  let y = pointer(args, 2) + floats(task * word(args, 3));
  let block: u32 = 0xffffffff;
  for (let i = begin; i < begin + elements; i++) {
    if (i >> 2 != block) {
      block = i >> 2;
      philox(
        block,
        load<u32>(key, 8),
        <u32>word(args, 4),
        load<u32>(key, 4),
        load<u32>(key, 0),
        <u32>word(args, 7),
      );
    }
    const drawn = (i & 3) == 0 ? word0 : (i & 3) == 1 ? word1 : (i & 3) == 2 ? word2 : word3;
    store<f32>(y, drawn >> 8 >= threshold ? kept : 0);
    y += 4;
  }
}

/**
 * Moves an image by random whole pixels and mirrors a random half of the images: see packages/nin-net/src/ops/random-move.ts.
 * One task an image.
 *
 * args: key (seed, epoch, step), start (one u32), x, y, H, W, C, shift, flip, stream, purpose
 */
export function randomMove(args: usize, task: i32, _scratch: usize): void {
  const h = word(args, 4);
  const w = word(args, 5);
  const c = word(args, 6);
  const shift = word(args, 7);
  drawImage(args, task, 9);
  const isMirrored = word(args, 8) != 0 && word0 >> 31 != 0;
  const down = below(word1, 2 * shift + 1) - shift;
  const right = below(word2, 2 * shift + 1) - shift;
  const x = pointer(args, 2) + floats(task * h * w * c);
  let y = pointer(args, 3) + floats(task * h * w * c);
  for (let row = 0; row < h; row++) {
    const fromRow = row - down;
    for (let column = 0; column < w; column++) {
      const fromColumn = (isMirrored ? w - 1 - column : column) - right;
      const isInside = fromRow >= 0 && fromRow < h && fromColumn >= 0 && fromColumn < w;
      const from = x + floats((fromRow * w + fromColumn) * c);
      for (let k = 0; k < c; k++) {
        store<f32>(y, isInside ? load<f32>(from + floats(k)) : 0);
        y += 4;
      }
    }
  }
}

/**
 * Sets a random square of each image to 0: see packages/nin-net/src/ops/random-erase.ts. One task an image.
 *
 * args: key (seed, epoch, step), start (one u32), x, y, H, W, C, side, stream, purpose
 */
export function randomErase(args: usize, task: i32, _scratch: usize): void {
  const h = word(args, 4);
  const w = word(args, 5);
  const c = word(args, 6);
  const side = word(args, 7);
  drawImage(args, task, 8);
  const top = below(word0, h) - side / 2;
  const left = below(word1, w) - side / 2;
  let x = pointer(args, 2) + floats(task * h * w * c);
  let y = pointer(args, 3) + floats(task * h * w * c);
  for (let row = 0; row < h; row++) {
    const isRowInside = row >= top && row < top + side;
    for (let column = 0; column < w; column++) {
      const isErased = isRowInside && column >= left && column < left + side;
      for (let k = 0; k < c; k++) {
        store<f32>(y, isErased ? 0 : load<f32>(x));
        x += 4;
        y += 4;
      }
    }
  }
}

/** Draws the words of an image. args: key, start; stream and purpose from `at` on */
function drawImage(args: usize, image: i32, at: i32): void {
  const key = pointer(args, 0);
  philox(
    load<u32>(pointer(args, 1)) + <u32>image,
    load<u32>(key, 8),
    <u32>word(args, at),
    load<u32>(key, 4),
    load<u32>(key, 0),
    <u32>word(args, at + 1),
  );
}

/** A random word as a whole number of 0 up to, but without, `count`. */
function below(drawn: u32, count: i32): i32 {
  return <i32>((<u64>drawn * <u64>count) >> 32);
}

let word0: u32 = 0;
let word1: u32 = 0;
let word2: u32 = 0;
let word3: u32 = 0;

function philox(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): void {
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>c0 * 0xd2511f53;
    const product1 = <u64>c2 * 0xcd9e8d57;
    const next0 = <u32>(product1 >> 32) ^ c1 ^ k0;
    const next2 = <u32>(product0 >> 32) ^ c3 ^ k1;
    c1 = <u32>product1;
    c3 = <u32>product0;
    c0 = next0;
    c2 = next2;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

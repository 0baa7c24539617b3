/** Loops over elements; one task a run of elements unless said otherwise. */
import { chunk, sumBlock } from "../../../build/assembly/constants";
import { floats, pointer, real, smaller, word } from "./args";
import { addPixels, addSquaredDistances } from "./sums";

function first(task: i32): i32 {
  return task * chunk;
}
function last(args: usize, at: i32, task: i32): i32 {
  return smaller(word(args, at), (task + 1) * chunk);
}

/** args: x, y, elements */
export function relu(args: usize, task: i32, _scratch: usize): void {
  const x = pointer(args, 0);
  const y = pointer(args, 1);
  const end = last(args, 2, task);
  let i = first(task);
  const zero = f32x4.splat(0);
  for (; i + 4 <= end; i += 4) v128.store(y + floats(i), f32x4.pmax(v128.load(x + floats(i)), zero));
  for (; i < end; i++) {
    const value = load<f32>(x + floats(i));
    store<f32>(y + floats(i), value < 0 ? 0 : value);
  }
}

/** args: dy, y, dx, elements */
export function reluGradient(args: usize, task: i32, _scratch: usize): void {
  const dy = pointer(args, 0);
  const y = pointer(args, 1);
  const dx = pointer(args, 2);
  const end = last(args, 3, task);
  for (let i = first(task); i < end; i++) {
    store<f32>(dx + floats(i), load<f32>(y + floats(i)) > 0 ? load<f32>(dy + floats(i)) : 0);
  }
}

/** args: a, b, y, elements */
export function add(args: usize, task: i32, _scratch: usize): void {
  const a = pointer(args, 0);
  const b = pointer(args, 1);
  const y = pointer(args, 2);
  const end = last(args, 3, task);
  let i = first(task);
  for (; i + 4 <= end; i += 4) {
    v128.store(y + floats(i), f32x4.add(v128.load(a + floats(i)), v128.load(b + floats(i))));
  }
  for (; i < end; i++) store<f32>(y + floats(i), load<f32>(a + floats(i)) + load<f32>(b + floats(i)));
}

/** args: a, b, y, elements */
export function multiply(args: usize, task: i32, _scratch: usize): void {
  const a = pointer(args, 0);
  const b = pointer(args, 1);
  const y = pointer(args, 2);
  const end = last(args, 3, task);
  let i = first(task);
  for (; i + 4 <= end; i += 4) {
    v128.store(y + floats(i), f32x4.mul(v128.load(a + floats(i)), v128.load(b + floats(i))));
  }
  for (; i < end; i++) store<f32>(y + floats(i), load<f32>(a + floats(i)) * load<f32>(b + floats(i)));
}

/** args: x, scale (one float), y, elements */
export function scale(args: usize, task: i32, _scratch: usize): void {
  const x = pointer(args, 0);
  const factor = load<f32>(pointer(args, 1));
  const y = pointer(args, 2);
  const end = last(args, 3, task);
  let i = first(task);
  for (; i + 4 <= end; i += 4) {
    v128.store(y + floats(i), f32x4.mul(v128.load(x + floats(i)), f32x4.splat(factor)));
  }
  for (; i < end; i++) store<f32>(y + floats(i), load<f32>(x + floats(i)) * factor);
}

/** args: value (one float), y, elements */
export function expand(args: usize, task: i32, _scratch: usize): void {
  const value = load<f32>(pointer(args, 0));
  const y = pointer(args, 1);
  const end = last(args, 2, task);
  for (let i = first(task); i < end; i++) store<f32>(y + floats(i), value);
}

/** Bytes to 0..1. args: x (bytes), y, elements */
export function fromBytes(args: usize, task: i32, _scratch: usize): void {
  const x = pointer(args, 0);
  const y = pointer(args, 1);
  const end = last(args, 2, task);
  for (let i = first(task); i < end; i++) store<f32>(y + floats(i), <f32>load<u8>(x + <usize>i) / 255);
}

/** args: from, to, bytes, bytes a task */
export function copy(args: usize, task: i32, _scratch: usize): void {
  const begin = task * word(args, 3);
  memory.copy(
    pointer(args, 1) + <usize>begin,
    pointer(args, 0) + <usize>begin,
    <usize>smaller(word(args, 3), word(args, 2) - begin),
  );
}

/**
 * Moves a slice of a batch into the slice's buffer, or back. One task.
 *
 * args: where the batch's address is kept, slice, bytes an image, images, where the index of the slice's first
 *   image is kept, whether to move back
 */
export function moveSlice(args: usize, _task: i32, _scratch: usize): void {
  const size = <usize>word(args, 2);
  const batch = <usize>load<u32>(pointer(args, 0)) + <usize>load<u32>(pointer(args, 4)) * size;
  const slice = pointer(args, 1);
  const bytes = size * <usize>word(args, 3);
  if (word(args, 5)) memory.copy(batch, slice, bytes);
  else memory.copy(slice, batch, bytes);
}

/** Adds a bias to each pixel. One task a run of pixels. args: x, bias, y, pixels, channels, pixels a task, floor */
export function addBias(args: usize, task: i32, _scratch: usize): void {
  const channels = word(args, 4);
  const bias = pointer(args, 1);
  const floor = real(args, 6);
  const begin = task * word(args, 5);
  const pixels = smaller(word(args, 5), word(args, 3) - begin);
  let x = pointer(args, 0) + floats(begin) * channels;
  let y = pointer(args, 2) + floats(begin) * channels;
  for (let pixel = 0; pixel < pixels; pixel++) {
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      const sum = f32x4.add(v128.load(x + floats(c)), v128.load(bias + floats(c)));
      v128.store(y + floats(c), f32x4.pmax(sum, f32x4.splat(floor)));
    }
    for (; c < channels; c++) {
      const sum = load<f32>(x + floats(c)) + load<f32>(bias + floats(c));
      store<f32>(y + floats(c), sum < floor ? floor : sum);
    }
    x += floats(channels);
    y += floats(channels);
  }
}

/** Multiplies each channel by a factor. One task a run of pixels. args: x, factors, y, pixels, channels, pixels a task */
export function scaleChannels(args: usize, task: i32, _scratch: usize): void {
  const channels = word(args, 4);
  const factors = pointer(args, 1);
  const begin = task * word(args, 5);
  const pixels = smaller(word(args, 5), word(args, 3) - begin);
  let x = pointer(args, 0) + floats(begin) * channels;
  let y = pointer(args, 2) + floats(begin) * channels;
  for (let pixel = 0; pixel < pixels; pixel++) {
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      v128.store(y + floats(c), f32x4.mul(v128.load(x + floats(c)), v128.load(factors + floats(c))));
    }
    for (; c < channels; c++) {
      store<f32>(y + floats(c), load<f32>(x + floats(c)) * load<f32>(factors + floats(c)));
    }
    x += floats(channels);
    y += floats(channels);
  }
}

/**
 * Sums over all pixels, channel by channel, in order. One task some channels.
 *
 * args: x, pixels, channels, channels a task, y
 */
export function sumPixels(args: usize, task: i32, _scratch: usize): void {
  const channels = word(args, 2);
  const c = task * word(args, 3);
  const end = smaller(channels, c + word(args, 3));
  sumInto(pointer(args, 4), pointer(args, 0), word(args, 1), channels, c, end);
}

/**
 * The same of `sumBlock` pixels after the other: each such sum is a row of y [rows, channels]. One task some pixels,
 * whole rows.
 *
 * args: x, pixels, channels, pixels a task, y
 */
export function sumBlocks(args: usize, task: i32, _scratch: usize): void {
  const x = pointer(args, 0);
  const channels = word(args, 2);
  const y = pointer(args, 4);
  const end = smaller(word(args, 1), (task + 1) * word(args, 3));
  for (let pixel = task * word(args, 3); pixel < end; pixel += sumBlock) {
    const from = x + floats(pixel * channels);
    const to = y + floats((pixel / sumBlock) * channels);
    sumInto(to, from, smaller(sumBlock, end - pixel), channels, 0, channels);
  }
}

/**
 * As sumBlocks, and rows of the squared distances from the mean of the same pixels. One task some pixels, whole rows.
 *
 * args: x, pixels, channels, pixels a task, rows of sums, rows of squared distances
 */
export function sumMoments(args: usize, task: i32, _scratch: usize): void {
  const x = pointer(args, 0);
  const channels = word(args, 2);
  const end = smaller(word(args, 1), (task + 1) * word(args, 3));
  for (let pixel = task * word(args, 3); pixel < end; pixel += sumBlock) {
    const from = x + floats(pixel * channels);
    const row = floats((pixel / sumBlock) * channels);
    const sums = pointer(args, 4) + row;
    const squares = pointer(args, 5) + row;
    const pixels = smaller(sumBlock, end - pixel);
    sumInto(sums, from, pixels, channels, 0, channels);
    memory.fill(squares, 0, floats(channels));
    addSquaredDistances(squares, from, pixels, channels, 0, channels, sums, 1 / <f32>pixels);
  }
}

/**
 * Sums over all pixels, and of squared distances from their mean, of rows that sumMoments has made: to what a row's
 * pixels are from their own mean comes how far that is from the mean of all (Chan, Golub & LeVeque 1983, "Algorithms
 * for computing the sample variance", equation 2.1). One task some channels.
 *
 * args: rows of sums, rows of squared distances, pixels, channels, channels a task, sums, squared distances
 */
export function addMoments(args: usize, task: i32, scratch: usize): void {
  const pixels = word(args, 2);
  const channels = word(args, 3);
  const first = task * word(args, 4);
  const end = smaller(channels, first + word(args, 4));
  const whole = pixels / sumBlock;
  const left = pixels % sumBlock;
  const from = pointer(args, 0);
  const sums = pointer(args, 5);
  const squares = pointer(args, 6);
  const rows = whole + (left > 0 ? 1 : 0);
  sumInto(sums, from, rows, channels, first, end);
  sumInto(squares, pointer(args, 1), rows, channels, first, end);
  addDistances(squares, from, whole, channels, first, end, sums, sumBlock, pixels, scratch);
  const last = from + floats(whole * channels);
  if (left > 0) addDistances(squares, last, 1, channels, first, end, sums, left, pixels, scratch);
}

/** Adds how far rows of sums over so many pixels each are from the sum of all, squared and divided by their pixels. */
function addDistances(
  squares: usize,
  from: usize,
  rows: i32,
  channels: i32,
  first: i32,
  end: i32,
  sums: usize,
  rowPixels: i32,
  pixels: i32,
  scratch: usize,
): void {
  memory.fill(scratch + floats(first), 0, floats(end - first));
  const share = <f32>rowPixels / <f32>pixels;
  addSquaredDistances(scratch, from, rows, channels, first, end, sums, share);
  for (let c = first; c < end; c++) {
    const square = squares + floats(c);
    store<f32>(square, load<f32>(square) + load<f32>(scratch + floats(c)) / <f32>rowPixels);
  }
}

/** Sums some channels of pixels, in order. */
function sumInto(to: usize, from: usize, pixels: i32, channels: i32, first: i32, end: i32): void {
  memory.fill(to + floats(first), 0, floats(end - first));
  addPixels(to, from, pixels, channels, first, end);
}

/** Sum of all elements, in order, in float64. One task. args: x, elements, y */
export function sumAll(args: usize, _task: i32, _scratch: usize): void {
  const x = pointer(args, 0);
  let sum: f64 = 0;
  for (let i = 0; i < word(args, 1); i++) sum += <f64>load<f32>(x + floats(i));
  store<f32>(pointer(args, 2), <f32>sum);
}

/** Reorders the axes of a tensor of four axes. One task. args: x, y, the four output lengths, their four input strides */
export function permute(args: usize, _task: i32, _scratch: usize): void {
  const x = pointer(args, 0);
  let y = pointer(args, 1);
  for (let a = 0; a < word(args, 2); a++) {
    for (let b = 0; b < word(args, 3); b++) {
      for (let c = 0; c < word(args, 4); c++) {
        let at = x + floats(a * word(args, 6) + b * word(args, 7) + c * word(args, 8));
        for (let d = 0; d < word(args, 5); d++) {
          store<f32>(y, load<f32>(at));
          at += floats(word(args, 9));
          y += 4;
        }
      }
    }
  }
}

/**
 * Adds a slice's value to the partial sums over slices; packages/nin-net/src/backends/slice-sums.ts says how. One
 * task what the same task of the instruction has made: see `TaskRegions` in lowering.ts.
 *
 * args: value, the lowest partial sum, where the others lie in their levels (bytes), position and count and the
 *   addresses of the levels, tasks a group, elements a group, elements a task, repeats, elements from one to the next
 */
export function sumSlices(args: usize, task: i32, scratch: usize): void {
  const inGroup = task % word(args, 4);
  const first = inGroup * word(args, 6);
  const length = smaller(word(args, 6), word(args, 5) - first);
  let offset = floats((task / word(args, 4)) * word(args, 5) + first);
  for (let i = 0; i < word(args, 7); i++) {
    addPartialSums(args, offset, length, scratch);
    offset += floats(word(args, 8));
  }
}

/** Where the partial sums of a place in the stack lie. */
function partialSum(args: usize, position: i32): usize {
  if (position == 0) return pointer(args, 1);
  return pointer(pointer(args, 3), 1 + position) + pointer(args, 2);
}

function addPartialSums(args: usize, offset: usize, length: i32, scratch: usize): void {
  const position = word(pointer(args, 3), 0);
  const count = word(pointer(args, 3), 1);
  const value = pointer(args, 0) + offset;
  const to = partialSum(args, position) + offset;
  // A run at a time, so that a chain of additions stays in the first-level cache.
  for (let at = 0; at < length; at += sumRun) {
    const run = smaller(sumRun, length - at);
    let right = value + floats(at);
    for (let left = position + count - 1; left >= position; left--) {
      // The lowest of them is where the result goes: it is overwritten last.
      const sum = left == position ? to + floats(at) : scratch;
      addRun(partialSum(args, left) + offset + floats(at), right, sum, run);
      right = sum;
    }
    if (count == 0) memory.copy(to + floats(at), right, floats(run));
  }
}

/** Elements that are added to all partial sums before the next ones. */
const sumRun: i32 = 1024;

/** to = left + right */
function addRun(left: usize, right: usize, to: usize, length: i32): void {
  let i = 0;
  for (; i + 16 <= length; i += 16) {
    const at = floats(i);
    const a = left + at;
    const b = right + at;
    const c = to + at;
    const l0 = v128.load(a);
    const l1 = v128.load(a, 16);
    const l2 = v128.load(a, 32);
    const l3 = v128.load(a, 48);
    const r0 = v128.load(b);
    const r1 = v128.load(b, 16);
    const r2 = v128.load(b, 32);
    const r3 = v128.load(b, 48);
    v128.store(c, f32x4.add(l0, r0));
    v128.store(c, f32x4.add(l1, r1), 16);
    v128.store(c, f32x4.add(l2, r2), 32);
    v128.store(c, f32x4.add(l3, r3), 48);
  }
  for (; i < length; i++) {
    store<f32>(to + floats(i), load<f32>(left + floats(i)) + load<f32>(right + floats(i)));
  }
}

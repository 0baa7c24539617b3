import { floats, lineChannels, pointer, smaller, word } from "./args";

/** Where a maximum is beaten; by NaN always, as in PyTorch. */
function beats(value: v128, best: v128): v128 {
  return v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
}

/** Values of four channels where their byte in `won` (0 or 255) is set; `quarter` says which four of 16. */
function keepWon(won: v128, quarter: i32, value: v128): v128 {
  const half = quarter < 2 ? i16x8.extend_low_i8x16_s(won) : i16x8.extend_high_i8x16_s(won);
  const lanes = quarter % 2 == 0 ? i32x4.extend_low_i16x8_s(half) : i32x4.extend_high_i16x8_s(half);
  return v128.and(lanes, value);
}

/**
 * Maximum over windows, and, where `index` is given, the position of the first maximum within its window, row by
 * row, as a byte. One task a row of output pixels.
 *
 * args: x, height, width, channels, kernel, stride, pad, out height, out width, y or 0, index or 0
 */
export function maxPool(args: usize, task: i32, _scratch: usize): void {
  const height = word(args, 1);
  const width = word(args, 2);
  const channels = word(args, 3);
  const kernel = word(args, 4);
  const stride = word(args, 5);
  const pad = word(args, 6);
  const outHeight = word(args, 7);
  const outWidth = word(args, 8);
  const image = task / outHeight;
  const top = (task % outHeight) * stride - pad;
  const x = pointer(args, 0) + floats(height * width * channels) * image;
  let y = pointer(args, 9);
  let index = pointer(args, 10);
  if (y) y += floats(task * outWidth) * channels;
  if (index) index += <usize>(task * outWidth * channels);
  const pixel = floats(channels);
  const u0 = outside(top);
  const u1 = smaller(kernel, height - top);
  for (let j = 0; j < outWidth; j++) {
    const left = j * stride - pad;
    const v0 = outside(left);
    const v1 = smaller(kernel, width - left);
    let c = 0;
    for (; c + lineChannels <= channels; c += lineChannels) {
      let best0 = f32x4.splat(-Infinity);
      let best1 = best0;
      let best2 = best0;
      let best3 = best0;
      let where0 = i32x4.splat(0);
      let where1 = where0;
      let where2 = where0;
      let where3 = where0;
      for (let u = u0; u < u1; u++) {
        let at = x + floats(((top + u) * width + left + v0) * channels + c);
        for (let v = v0; v < v1; v++) {
          const position = i32x4.splat(u * kernel + v);
          const value0 = v128.load(at);
          const value1 = v128.load(at, 16);
          const value2 = v128.load(at, 32);
          const value3 = v128.load(at, 48);
          const wins0 = beats(value0, best0);
          const wins1 = beats(value1, best1);
          const wins2 = beats(value2, best2);
          const wins3 = beats(value3, best3);
          best0 = v128.bitselect(value0, best0, wins0);
          best1 = v128.bitselect(value1, best1, wins1);
          best2 = v128.bitselect(value2, best2, wins2);
          best3 = v128.bitselect(value3, best3, wins3);
          where0 = v128.bitselect(position, where0, wins0);
          where1 = v128.bitselect(position, where1, wins1);
          where2 = v128.bitselect(position, where2, wins2);
          where3 = v128.bitselect(position, where3, wins3);
          at += pixel;
        }
      }
      if (y) {
        v128.store(y + floats(c), best0);
        v128.store(y + floats(c), best1, 16);
        v128.store(y + floats(c), best2, 32);
        v128.store(y + floats(c), best3, 48);
      }
      if (index) {
        const low = i16x8.narrow_i32x4_s(where0, where1);
        const high = i16x8.narrow_i32x4_s(where2, where3);
        v128.store(index + <usize>c, i8x16.narrow_i16x8_u(low, high));
      }
    }
    for (; c < channels; c++) {
      let best: f32 = -Infinity;
      let where = 0;
      for (let u = u0; u < u1; u++) {
        for (let v = v0; v < v1; v++) {
          const value = load<f32>(x + floats(((top + u) * width + left + v) * channels + c));
          if (value > best || value != value) {
            best = value;
            where = u * kernel + v;
          }
        }
      }
      if (y) store<f32>(y + floats(c), best);
      if (index) store<u8>(index + <usize>c, <u8>where);
    }
    if (y) y += floats(channels);
    if (index) index += <usize>channels;
  }
}

/**
 * Every input pixel gathers the gradients of the windows whose maximum it was; where a mask is given, zero where
 * the mask is not above zero. One task a row of input pixels.
 *
 * args: dy, index, height, width, channels, kernel, stride, pad, out height, out width, dx, mask or 0
 */
export function maxPoolGradient(args: usize, task: i32, _scratch: usize): void {
  const height = word(args, 2);
  const width = word(args, 3);
  const channels = word(args, 4);
  const kernel = word(args, 5);
  const stride = word(args, 6);
  const pad = word(args, 7);
  const outHeight = word(args, 8);
  const outWidth = word(args, 9);
  const image = task / height;
  const i = (task % height) + pad;
  const outputs = image * outHeight * outWidth * channels;
  const dy = pointer(args, 0) + floats(outputs);
  const index = pointer(args, 1) + <usize>outputs;
  const rowOffset = floats(task * width) * channels;
  const dx = pointer(args, 10) + rowOffset;
  const mask = pointer(args, 11) ? pointer(args, 11) + rowOffset : 0;
  const firstRow = firstWindow(i, kernel, stride);
  const lastRow = lastWindow(i, stride, outHeight);
  for (let column = 0; column < width; column++) {
    const j = column + pad;
    const firstColumn = firstWindow(j, kernel, stride);
    const lastColumn = lastWindow(j, stride, outWidth);
    let c = 0;
    for (; c + lineChannels <= channels; c += lineChannels) {
      let sum0 = f32x4.splat(0);
      let sum1 = sum0;
      let sum2 = sum0;
      let sum3 = sum0;
      for (let row = firstRow; row <= lastRow; row++) {
        for (let col = firstColumn; col <= lastColumn; col++) {
          const position = (i - row * stride) * kernel + (j - col * stride);
          const at = (row * outWidth + col) * channels + c;
          const won = i8x16.eq(v128.load(index + <usize>at), i8x16.splat(<i8>position));
          const from = dy + floats(at);
          sum0 = f32x4.add(sum0, keepWon(won, 0, v128.load(from)));
          sum1 = f32x4.add(sum1, keepWon(won, 1, v128.load(from, 16)));
          sum2 = f32x4.add(sum2, keepWon(won, 2, v128.load(from, 32)));
          sum3 = f32x4.add(sum3, keepWon(won, 3, v128.load(from, 48)));
        }
      }
      const offset = floats(column * channels + c);
      if (mask) {
        const zero = f32x4.splat(0);
        sum0 = v128.and(sum0, f32x4.gt(v128.load(mask + offset), zero));
        sum1 = v128.and(sum1, f32x4.gt(v128.load(mask + offset, 16), zero));
        sum2 = v128.and(sum2, f32x4.gt(v128.load(mask + offset, 32), zero));
        sum3 = v128.and(sum3, f32x4.gt(v128.load(mask + offset, 48), zero));
      }
      v128.store(dx + offset, sum0);
      v128.store(dx + offset, sum1, 16);
      v128.store(dx + offset, sum2, 32);
      v128.store(dx + offset, sum3, 48);
    }
    for (; c < channels; c++) {
      let sum: f32 = 0;
      for (let row = firstRow; row <= lastRow; row++) {
        for (let col = firstColumn; col <= lastColumn; col++) {
          const position = (i - row * stride) * kernel + (j - col * stride);
          const at = (row * outWidth + col) * channels + c;
          if (load<u8>(index + <usize>at) == position) sum += load<f32>(dy + floats(at));
        }
      }
      const offset = floats(column * channels + c);
      if (mask && !(load<f32>(mask + offset) > 0)) sum = 0;
      store<f32>(dx + offset, sum);
    }
  }
}

/** How many positions of a window lie before the image when it starts at `start`. */
function outside(start: i32): i32 {
  return start < 0 ? -start : 0;
}

/** First window that covers padded position i. */
function firstWindow(i: i32, kernel: i32, stride: i32): i32 {
  return i < kernel ? 0 : (i - kernel) / stride + 1;
}

/** Last window that covers padded position i. */
function lastWindow(i: i32, stride: i32, windows: i32): i32 {
  const last = i / stride;
  return last < windows ? last : windows - 1;
}

/** A window of averages along one axis: its first pixel, one past its last, and how many it is divided by. */
function windowStart(windows: usize, i: i32): i32 {
  return <i32>load<f32>(windows + floats(3 * i));
}
function windowEnd(windows: usize, i: i32): i32 {
  return <i32>load<f32>(windows + floats(3 * i + 1));
}
function windowSize(windows: usize, i: i32): f32 {
  return load<f32>(windows + floats(3 * i + 2));
}

/**
 * Mean over windows. One task an image.
 *
 * args: x, height, width, channels, out height, out width, y, windows along the height, along the width
 */
export function averagePool(args: usize, task: i32, _scratch: usize): void {
  const height = word(args, 1);
  const width = word(args, 2);
  const channels = word(args, 3);
  const outHeight = word(args, 4);
  const outWidth = word(args, 5);
  const rows = pointer(args, 7);
  const columns = pointer(args, 8);
  const x = pointer(args, 0) + floats(height * width * channels) * task;
  let y = pointer(args, 6) + floats(outHeight * outWidth * channels) * task;
  const pixel = floats(channels);
  for (let i = 0; i < outHeight; i++) {
    const top = windowStart(rows, i);
    const bottom = windowEnd(rows, i);
    for (let j = 0; j < outWidth; j++) {
      const left = windowStart(columns, j);
      const right = windowEnd(columns, j);
      const share: f32 = 1 / (windowSize(rows, i) * windowSize(columns, j));
      let c = 0;
      for (; c + 4 <= channels; c += 4) {
        let sum = f32x4.splat(0);
        for (let row = top; row < bottom; row++) {
          let at = x + floats((row * width + left) * channels + c);
          for (let column = left; column < right; column++) {
            sum = f32x4.add(sum, v128.load(at));
            at += pixel;
          }
        }
        v128.store(y + floats(c), f32x4.mul(sum, f32x4.splat(share)));
      }
      for (; c < channels; c++) {
        let sum: f32 = 0;
        for (let row = top; row < bottom; row++) {
          for (let column = left; column < right; column++) {
            sum += load<f32>(x + floats((row * width + column) * channels + c));
          }
        }
        store<f32>(y + floats(c), sum * share);
      }
      y += pixel;
    }
  }
}

/**
 * Every input pixel gets its share of the gradient of each window that holds it. One task an image.
 *
 * args: dy, height, width, channels, out height, out width, dx, mask or 0, windows along the height, along the width
 */
export function averagePoolGradient(args: usize, task: i32, _scratch: usize): void {
  const height = word(args, 1);
  const width = word(args, 2);
  const channels = word(args, 3);
  const outHeight = word(args, 4);
  const outWidth = word(args, 5);
  const rows = pointer(args, 8);
  const columns = pointer(args, 9);
  let dy = pointer(args, 0) + floats(outHeight * outWidth * channels) * task;
  const size = floats(height * width * channels);
  const dx = pointer(args, 6) + size * task;
  const mask = pointer(args, 7);
  memory.fill(dx, 0, size);
  for (let i = 0; i < outHeight; i++) {
    const top = windowStart(rows, i);
    const bottom = windowEnd(rows, i);
    for (let j = 0; j < outWidth; j++) {
      const left = windowStart(columns, j);
      const right = windowEnd(columns, j);
      const share: f32 = 1 / (windowSize(rows, i) * windowSize(columns, j));
      const shares = f32x4.splat(share);
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          const at = dx + floats((row * width + column) * channels);
          let c = 0;
          for (; c + 4 <= channels; c += 4) {
            const part = f32x4.mul(v128.load(dy + floats(c)), shares);
            v128.store(at + floats(c), f32x4.add(v128.load(at + floats(c)), part));
          }
          for (; c < channels; c++) {
            store<f32>(at + floats(c), load<f32>(at + floats(c)) + load<f32>(dy + floats(c)) * share);
          }
        }
      }
      dy += floats(channels);
    }
  }
  if (!mask) return;
  for (let offset: usize = 0; offset < size; offset += 4) {
    if (!(load<f32>(mask + size * task + offset) > 0)) store<f32>(dx + offset, 0);
  }
}

import { floats, pointer, word } from "./args";

/** Bytes 0..3 of each 32-bit lane, for narrowing to bytes. */
function lowBytes(lanes: v128): v128 {
  return i8x16.swizzle(lanes, i8x16(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
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
  for (let j = 0; j < outWidth; j++) {
    const left = j * stride - pad;
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      let best = f32x4.splat(-Infinity);
      let where = i32x4.splat(0);
      for (let u = 0; u < kernel; u++) {
        if (top + u < 0 || top + u >= height) continue;
        for (let v = 0; v < kernel; v++) {
          if (left + v < 0 || left + v >= width) continue;
          const value = v128.load(x + floats(((top + u) * width + left + v) * channels + c));
          const wins = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
          best = v128.bitselect(value, best, wins);
          where = v128.bitselect(i32x4.splat(u * kernel + v), where, wins);
        }
      }
      if (y) v128.store(y + floats(c), best);
      if (index) store<i32>(index + <usize>c, i32x4.extract_lane(lowBytes(where), 0));
    }
    for (; c < channels; c++) {
      let best: f32 = -Infinity;
      let where = 0;
      for (let u = 0; u < kernel; u++) {
        if (top + u < 0 || top + u >= height) continue;
        for (let v = 0; v < kernel; v++) {
          if (left + v < 0 || left + v >= width) continue;
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
    for (; c + 4 <= channels; c += 4) {
      let sum = f32x4.splat(0);
      for (let row = firstRow; row <= lastRow; row++) {
        for (let col = firstColumn; col <= lastColumn; col++) {
          const position = (i - row * stride) * kernel + (j - col * stride);
          const at = (row * outWidth + col) * channels + c;
          const bytes = v128.load32_zero(index + <usize>at);
          const lanes = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
          const won = i32x4.eq(lanes, i32x4.splat(position));
          sum = f32x4.add(sum, v128.and(won, v128.load(dy + floats(at))));
        }
      }
      const offset = floats(column * channels + c);
      if (mask) sum = v128.and(sum, f32x4.gt(v128.load(mask + offset), f32x4.splat(0)));
      v128.store(dx + offset, sum);
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

/** First window that covers padded position i. */
function firstWindow(i: i32, kernel: i32, stride: i32): i32 {
  return i < kernel ? 0 : (i - kernel) / stride + 1;
}

/** Last window that covers padded position i. */
function lastWindow(i: i32, stride: i32, windows: i32): i32 {
  const last = i / stride;
  return last < windows ? last : windows - 1;
}

/** First and one past the last input pixel of adaptive window i. */
function windowStart(i: i32, length: i32, windows: i32): i32 {
  return (i * length) / windows;
}
function windowEnd(i: i32, length: i32, windows: i32): i32 {
  return ((i + 1) * length + windows - 1) / windows;
}

/**
 * Mean over windows that divide the image as evenly as possible. One task an image.
 *
 * args: x, height, width, channels, out height, out width, y
 */
export function averagePool(args: usize, task: i32, _scratch: usize): void {
  const height = word(args, 1);
  const width = word(args, 2);
  const channels = word(args, 3);
  const outHeight = word(args, 4);
  const outWidth = word(args, 5);
  const x = pointer(args, 0) + floats(height * width * channels) * task;
  let y = pointer(args, 6) + floats(outHeight * outWidth * channels) * task;
  for (let i = 0; i < outHeight; i++) {
    const top = windowStart(i, height, outHeight);
    const bottom = windowEnd(i, height, outHeight);
    for (let j = 0; j < outWidth; j++) {
      const left = windowStart(j, width, outWidth);
      const right = windowEnd(j, width, outWidth);
      const share: f32 = 1 / <f32>((bottom - top) * (right - left));
      for (let c = 0; c < channels; c++) {
        let sum: f32 = 0;
        for (let row = top; row < bottom; row++) {
          for (let column = left; column < right; column++) {
            sum += load<f32>(x + floats((row * width + column) * channels + c));
          }
        }
        store<f32>(y, sum * share);
        y += 4;
      }
    }
  }
}

/**
 * Every input pixel gets its share of the gradient of each window that holds it. One task an image.
 *
 * args: dy, height, width, channels, out height, out width, dx, mask or 0
 */
export function averagePoolGradient(args: usize, task: i32, _scratch: usize): void {
  const height = word(args, 1);
  const width = word(args, 2);
  const channels = word(args, 3);
  const outHeight = word(args, 4);
  const outWidth = word(args, 5);
  let dy = pointer(args, 0) + floats(outHeight * outWidth * channels) * task;
  const size = floats(height * width * channels);
  const dx = pointer(args, 6) + size * task;
  const mask = pointer(args, 7);
  memory.fill(dx, 0, size);
  for (let i = 0; i < outHeight; i++) {
    const top = windowStart(i, height, outHeight);
    const bottom = windowEnd(i, height, outHeight);
    for (let j = 0; j < outWidth; j++) {
      const left = windowStart(j, width, outWidth);
      const right = windowEnd(j, width, outWidth);
      const share: f32 = 1 / <f32>((bottom - top) * (right - left));
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          const at = dx + floats((row * width + column) * channels);
          for (let c = 0; c < channels; c++) {
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

/** Convolutions whose kernel depends on the output pixel's place in a small period; see packages/nin-net/src/passes/fold-resize.ts. */
import { gradientPixels } from "../../../build/assembly/constants";
import { columnPanels, panel, panelWidth, scratchBytes } from "../../../build/assembly/micro-kernels";
import { floats, pointer, real, smaller, word } from "./args";

/** Repeats the pixels at the edges. One task an image. args: x, height, width, channels, before, out height, out width, y */
export function padEdge(args: usize, task: i32, _scratch: usize): void {
  const height = word(args, 1);
  const width = word(args, 2);
  const channels = word(args, 3);
  const before = word(args, 4);
  const outHeight = word(args, 5);
  const outWidth = word(args, 6);
  const x = pointer(args, 0) + floats(height * width * channels) * task;
  let y = pointer(args, 7) + floats(outHeight * outWidth * channels) * task;
  for (let i = 0; i < outHeight; i++) {
    const row = inside(i - before, height) * width;
    for (let j = 0; j < outWidth; j++) {
      memory.copy(y, x + floats((row + inside(j - before, width)) * channels), floats(channels));
      y += floats(channels);
    }
  }
}

function inside(at: i32, length: i32): i32 {
  return at < 0 ? 0 : at < length ? at : length - 1;
}

/** Each new tap a weighted sum of the old ones. One task a new tap. args: w, taps, pairs of channels, matrix, mixed */
export function mixTaps(args: usize, task: i32, _scratch: usize): void {
  const taps = word(args, 1);
  const pairs = word(args, 2);
  const matrix = pointer(args, 3) + floats(task * taps);
  const to = pointer(args, 4) + floats(task * pairs);
  memory.fill(to, 0, floats(pairs));
  for (let tap = 0; tap < taps; tap++) {
    const weight = load<f32>(matrix + floats(tap));
    if (weight == 0) continue;
    const from = pointer(args, 0) + floats(tap * pairs);
    for (let i: usize = 0; i < floats(pairs); i += 4) {
      store<f32>(to + i, load<f32>(to + i) + weight * load<f32>(from + i));
    }
  }
}

/**
 * The convolution. One task a few output rows of one image.
 *
 * args: x, height, width, cin, kernel, stride, out height, out width, cout, packed, y, bias or zeros, floor,
 *   mask or 0, rows a task, tasks an image, period, offsets...
 */
export function polyphaseConvolve(args: usize, task: i32, scratch: usize): void {
  const width = word(args, 2);
  const cin = word(args, 3);
  const kernel = word(args, 4);
  const stride = word(args, 5);
  const outHeight = word(args, 6);
  const outWidth = word(args, 7);
  const cout = word(args, 8);
  const start = pointer(args, 11);
  const floor = real(args, 12);
  const mask = pointer(args, 13);
  const period = word(args, 16);
  const image = task / word(args, 15);
  const firstRow = (task % word(args, 15)) * word(args, 14);
  const rows = smaller(word(args, 14), outHeight - firstRow);
  const x = pointer(args, 0) + floats(word(args, 1) * width * cin) * image;
  const depth = kernel * kernel * cin;
  const panelColumns = panelWidth();
  for (let row = firstRow; row < firstRow + rows; row++) {
    const a = row % period;
    const i = stride * (row / period) + word(args, 17 + a);
    for (let b = 0; b < period; b++) {
      const from = x + floats((i * width + word(args, 17 + b)) * cin);
      const offset = floats((image * outHeight + row) * outWidth + b) * cout;
      const packed = pointer(args, 9) + floats((a * period + b) * depth * panelColumns);
      for (let j = 0; j < cout; j += panelColumns) {
        panel(
          from,
          floats(stride * cin),
          kernel,
          floats(width * cin),
          floats(kernel * cin),
          packed + floats(j * period * period) * depth,
          pointer(args, 10) + offset + floats(j),
          floats(period * cout),
          (outWidth - b + period - 1) / period,
          smaller(panelColumns, cout - j),
          start + floats(j),
          floor,
          mask ? mask + offset + floats(j) : 0,
          scratch,
        );
      }
    }
  }
}

/**
 * The gradient with respect to the weights. One task a phase, over all images; the windows of an image's pixels are
 * laid out one after the other first, since a kernel of few taps would use too few rows of a tile otherwise.
 *
 * args: x, height, width, cin, kernel, stride, out height, out width, cout, dy, dw, images, period,
 *   offsets...
 */
export function polyphaseWeightGradient(args: usize, task: i32, scratch: usize): void {
  const width = word(args, 2);
  const cin = word(args, 3);
  const kernel = word(args, 4);
  const stride = word(args, 5);
  const outHeight = word(args, 6);
  const outWidth = word(args, 7);
  const cout = word(args, 8);
  const period = word(args, 12);
  const a = task / period;
  const b = task % period;
  const depth = kernel * kernel * cin;
  const across = (outWidth - b + period - 1) / period;
  const down = (outHeight - a + period - 1) / period;
  const dw = pointer(args, 10) + floats(task * depth) * cout;
  memory.fill(dw, 0, floats(depth) * cout);
  const windows = scratch + scratchBytes;
  for (let image = 0; image < word(args, 11); image++) {
    const x = pointer(args, 0) + floats(word(args, 1) * width * cin) * image;
    let to = windows;
    for (let k = 0; k < down; k++) {
      for (let l = 0; l < across; l++) {
        let from =
          x + floats(((stride * k + word(args, 13 + a)) * width + stride * l + word(args, 13 + b)) * cin);
        for (let u = 0; u < kernel; u++) {
          for (let v = 0; v < kernel * cin; v++) store<f32>(to + floats(v), load<f32>(from + floats(v)));
          to += floats(kernel * cin);
          from += floats(width * cin);
        }
      }
    }
    const dy = pointer(args, 9) + floats((image * outHeight + a) * outWidth + b) * cout;
    const rowsABlock = gradientPixels / across > 1 ? gradientPixels / across : 1;
    for (let k = 0; k < down; k += rowsABlock) {
      columnPanels(
        windows + floats(k * across) * depth,
        floats(depth),
        dy + floats(k * period * outWidth) * cout,
        floats(period * cout),
        across,
        smaller(rowsABlock, down - k),
        floats(across * depth),
        floats(period * outWidth) * cout,
        dw,
        floats(cout),
        depth,
        cout,
        scratch,
      );
    }
  }
}

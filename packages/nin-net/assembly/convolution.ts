/** Convolutions as matrix products: nothing is unrolled in memory, the micro-kernels walk the image itself. */
import { gradientPixels, packedRows } from "../../../build/assembly/constants";
import { columnPanels, panel, panelWidth, scratchBytes } from "../../../build/assembly/micro-kernels";
import { floats, pointer, prefetch, prefetchRows, real, smaller, word } from "./args";

/**
 * Packs weights [T, Cin, Cout] (T taps) for the micro-kernels: panels of W columns, row after row; columns that
 * are missing in the last panel are zero. Transposed: rows are (tap reversed, cout), columns are cin, which makes
 * the convolution that is the gradient with respect to the input. One task some rows of one tap, in every panel: of
 * large weights a whole panel would touch a page of memory a row.
 *
 * args: w, taps, cin, cout, transposed, packed
 */
export function packWeights(args: usize, task: i32, _scratch: usize): void {
  const w = pointer(args, 0);
  const taps = word(args, 1);
  const cin = word(args, 2);
  const cout = word(args, 3);
  const transposed = word(args, 4) != 0;
  const width = panelWidth();
  const depth = transposed ? cout : cin;
  const columns = transposed ? cin : cout;
  const tasksATap = (depth + packedRows - 1) / packedRows;
  const tap = task / tasksATap;
  const first = (task % tasksATap) * packedRows;
  const rows = smaller(packedRows, depth - first);
  const from = transposed
    ? w + floats((taps - 1 - tap) * cin * cout + first)
    : w + floats((tap * cin + first) * cout);
  let to = pointer(args, 5) + floats(width) * <usize>(tap * depth + first);
  for (let column = 0; column < columns; column += width) {
    const some = smaller(width, columns - column);
    if (transposed) packTransposed(from + floats(column) * cout, floats(cout), rows, some, to, width);
    else packRows(from + floats(column), floats(cout), rows, some, to, width);
    to += floats(width) * <usize>(taps * depth);
  }
}

function packRows(from: usize, stride: usize, rows: i32, columns: i32, to: usize, width: i32): void {
  for (let k = 0; k < rows; k++) {
    if (columns == width) {
      for (let j = 0; j < width; j += 4) v128.store(to + floats(j), v128.load(from + floats(j)));
    } else {
      for (let j = 0; j < width; j++) {
        store<f32>(to + floats(j), j < columns ? load<f32>(from + floats(j)) : 0);
      }
    }
    from += stride;
    to += floats(width);
  }
}

/** Row k of the target is column k of what is packed: 4x4 values at a time, in registers. */
function packTransposed(from: usize, stride: usize, rows: i32, columns: i32, to: usize, width: i32): void {
  const row = floats(width);
  let j = 0;
  for (; j + 4 <= columns; j += 4) {
    const p = from + stride * j;
    const q = to + floats(j);
    let k = 0;
    for (; k + 4 <= rows; k += 4) {
      const at = p + floats(k);
      const a = v128.load(at);
      const b = v128.load(at + stride);
      const c = v128.load(at + 2 * stride);
      const d = v128.load(at + 3 * stride);
      const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
      const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      const target = q + row * k;
      v128.store(target, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
      v128.store(target + row, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
      v128.store(target + 2 * row, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
      v128.store(target + 3 * row, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
    }
    for (; k < rows; k++) {
      for (let i = 0; i < 4; i++) {
        store<f32>(q + row * k + floats(i), load<f32>(p + stride * i + floats(k)));
      }
    }
  }
  for (; j < width; j++) {
    for (let k = 0; k < rows; k++) {
      store<f32>(to + row * k + floats(j), j < columns ? load<f32>(from + stride * j + floats(k)) : 0);
    }
  }
}

/**
 * A 1x1 convolution: [pixels, Cin] times packed [Cin, Cout], then bias, floor (ReLU's 0 or -infinity) or a mask.
 * One task a run of pixels, or some columns of it: a few pixels by large weights are shared among threads by columns.
 *
 * args: x, cin, cout, packed, y, bias or zeros, floor, mask or 0, pixels, pixels a task, tasks a run of pixels,
 *   columns a task
 */
export function convolve1x1(args: usize, task: i32, scratch: usize): void {
  const cin = word(args, 1);
  const cout = word(args, 2);
  const packed = pointer(args, 3);
  const start = pointer(args, 5);
  const floor = real(args, 6);
  const tasksARun = word(args, 10);
  const first = (task / tasksARun) * word(args, 9);
  const rows = smaller(word(args, 9), word(args, 8) - first);
  const firstColumn = (task % tasksARun) * word(args, 11);
  const endColumn = smaller(firstColumn + word(args, 11), cout);
  if (firstColumn >= endColumn) return;
  const x = pointer(args, 0) + floats(first) * cin;
  const y = pointer(args, 4) + floats(first) * cout;
  const mask = pointer(args, 7) ? pointer(args, 7) + floats(first) * cout : 0;
  const width = panelWidth();
  prefetch(x, floats(rows * cin));
  prefetchRows(y + floats(firstColumn), floats(cout), rows, floats(endColumn - firstColumn));
  if (mask) prefetchRows(mask + floats(firstColumn), floats(cout), rows, floats(endColumn - firstColumn));
  for (let j = firstColumn; j < endColumn; j += width) {
    panel(
      x,
      floats(cin),
      1,
      0,
      floats(cin),
      packed + floats(j) * cin,
      y + floats(j),
      floats(cout),
      rows,
      smaller(width, cout - j),
      start + floats(j),
      floor,
      mask ? mask + floats(j) : 0,
      scratch,
    );
  }
}

/**
 * A convolution over rows of output pixels. The gradient with respect to the input is one too: of dy, with zeros
 * between its pixels (`dilation`), over transposed weights. One task a few output rows of one image.
 *
 * args: x, height, width, cin, pad, dilation, kernel, stride, out height, out width, cout, packed, y,
 *   bias or zeros, floor, mask or 0, rows a task, tasks an image, whether x must be padded or dilated
 */
export function convolve(args: usize, task: i32, scratch: usize): void {
  const height = word(args, 1);
  const width = word(args, 2);
  const cin = word(args, 3);
  const kernel = word(args, 6);
  const stride = word(args, 7);
  const outHeight = word(args, 8);
  const outWidth = word(args, 9);
  const cout = word(args, 10);
  const packed = pointer(args, 11);
  const start = pointer(args, 13);
  const floor = real(args, 14);
  const mask = pointer(args, 15);
  const tasksAnImage = word(args, 17);
  const image = task / tasksAnImage;
  const firstRow = (task % tasksAnImage) * word(args, 16);
  const rows = smaller(word(args, 16), outHeight - firstRow);

  let x = pointer(args, 0) + floats(height * width * cin) * image;
  let rowLength = width;
  if (word(args, 18)) {
    rowLength = (outWidth - 1) * stride + kernel;
    const padded = scratch + scratchBytes;
    pad(
      x,
      height,
      width,
      cin,
      word(args, 4),
      word(args, 5),
      padded,
      firstRow * stride,
      1,
      (rows - 1) * stride + kernel,
      rowLength,
    );
    x = padded;
  } else {
    x += floats(firstRow * stride * width * cin);
  }
  const outOffset = floats((image * outHeight + firstRow) * outWidth) * cout;
  const outBytes = floats(rows * outWidth) * cout;
  prefetch(pointer(args, 12) + outOffset, outBytes);
  if (mask) prefetch(mask + outOffset, outBytes);
  const panelColumns = panelWidth();
  for (let j = 0; j < cout; j += panelColumns) {
    const bytes = outOffset + floats(j);
    for (let row = 0; row < rows; row++) {
      const offset = bytes + floats(row * outWidth * cout);
      panel(
        x + floats(row * stride * rowLength * cin),
        floats(stride * cin),
        kernel,
        floats(rowLength * cin),
        floats(kernel * cin),
        packed + floats(j) * <usize>(kernel * kernel * cin),
        pointer(args, 12) + offset,
        floats(cout),
        outWidth,
        smaller(panelColumns, cout - j),
        start + floats(j),
        floor,
        mask ? mask + offset : 0,
        scratch,
      );
    }
  }
}

/**
 * dw[u, v, c, o] = sum over images and output pixels of x[i s + u - p, j s + v - p, c] dy[i, j, o]; for one u, the
 * rows (v, c) are neighbours in x. One task some rows of one u, over all images or, of a 1x1 convolution, over one
 * part of the pixels, whose sums follow each other in dw: the order of a sum does not depend on the number of threads.
 *
 * args: x, height, width, cin, pad, kernel, stride, out height, out width, cout, dy, dw, images, rows a task,
 *   tasks a u, whether x must be padded, pixels a part
 */
export function weightGradient(args: usize, task: i32, scratch: usize): void {
  const height = word(args, 1);
  const width = word(args, 2);
  const cin = word(args, 3);
  const kernel = word(args, 5);
  const stride = word(args, 6);
  const outHeight = word(args, 7);
  const outWidth = word(args, 8);
  const cout = word(args, 9);
  const images = word(args, 12);
  const firstRow = (task % word(args, 14)) * word(args, 13);
  const rows = smaller(word(args, 13), kernel * cin - firstRow);
  // Of which u, or which part: they follow each other.
  const place = task / word(args, 14);
  const dw = pointer(args, 11) + floats(place * kernel * cin + firstRow) * cout;
  memory.fill(dw, 0, floats(rows) * cout);

  const mustPad = word(args, 15) != 0;
  const flat = kernel == 1 && stride == 1 && !mustPad;
  const u = flat ? 0 : place;
  const firstPixel = flat ? place * word(args, 16) : 0;
  const rowLength = mustPad ? (outWidth - 1) * stride + kernel : width;
  const passes = flat ? 1 : images;
  const imageRows = flat ? 1 : outHeight;
  const rowPixels = flat ? smaller(word(args, 16), images * outHeight * outWidth - firstPixel) : outWidth;
  const blockRows = gradientPixels / rowPixels > 1 ? gradientPixels / rowPixels : 1;
  const aStride = floats(stride * cin);
  const aRow = mustPad ? floats(rowLength * cin) : floats(stride * width * cin);
  for (let image = 0; image < passes; image++) {
    let x = pointer(args, 0) + floats(height * width * cin) * image + floats(firstPixel * cin);
    if (mustPad) {
      pad(x, height, width, cin, word(args, 4), 1, scratch + scratchBytes, u, stride, outHeight, rowLength);
      x = scratch + scratchBytes;
    } else {
      x += floats(u * width * cin);
    }
    const dy = pointer(args, 10) + floats(outHeight * outWidth * cout) * image + floats(firstPixel * cout);
    for (let row = 0; row < imageRows; row += blockRows) {
      for (let column = 0; column < rowPixels; column += gradientPixels) {
        const a = x + aRow * row + aStride * column + floats(firstRow);
        const b = dy + floats(row * outWidth + column) * cout;
        const length = smaller(gradientPixels, rowPixels - column);
        const segments = smaller(blockRows, imageRows - row);
        for (let segment = 0; segment < segments; segment++) {
          prefetchRows(a + aRow * segment, aStride, length, floats(rows));
          prefetch(b + floats(outWidth * segment) * cout, floats(length) * cout);
        }
        columnPanels(
          a,
          aStride,
          b,
          floats(cout),
          length,
          segments,
          aRow,
          floats(outWidth * cout),
          dw,
          floats(cout),
          rows,
          cout,
          scratch,
        );
      }
    }
  }
}

/**
 * Copies every `step`-th row of the padded image, from row `first` on: pixel (i, j) of the padded image is pixel
 * ((i - pad) / dilation, (j - pad) / dilation) of x where these are whole and inside, else zero.
 */
export function pad(
  x: usize,
  height: i32,
  width: i32,
  cin: i32,
  pad: i32,
  dilation: i32,
  to: usize,
  first: i32,
  step: i32,
  rows: i32,
  rowLength: i32,
): void {
  const pixel = floats(cin);
  for (let r = 0; r < rows; r++) {
    const i = first + r * step - pad;
    const target = to + floats(r * rowLength * cin);
    if (i < 0 || i % dilation != 0 || i / dilation >= height) {
      memory.fill(target, 0, pixel * rowLength);
      continue;
    }
    const source = x + floats((i / dilation) * width * cin);
    if (dilation == 1 && pad >= 0) {
      const inside = pixel * smaller(width, rowLength - pad);
      const end = pixel * pad + inside;
      if (pad > 0) memory.fill(target, 0, pixel * pad);
      memory.copy(target + pixel * pad, source, inside);
      if (end < pixel * rowLength) memory.fill(target + end, 0, pixel * rowLength - end);
      continue;
    }
    memory.fill(target, 0, pixel * rowLength);
    for (let j = 0; j < rowLength; j++) {
      const from = j - pad;
      if (from < 0 || from % dilation != 0 || from / dilation >= width) continue;
      memory.copy(target + pixel * j, source + pixel * (from / dilation), pixel);
    }
  }
}

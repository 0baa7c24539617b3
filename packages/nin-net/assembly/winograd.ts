/**
 * Winograd convolutions; see packages/nin-net/src/ops/winograd/matrices.ts for the mathematics.
 *
 * Tiles are transformed into scratch, position by position: [n n positions][tiles][channels], so that the sum over
 * channels is one matrix product for each position. Everything between the image and the result stays in scratch.
 */
import { sweepBytes } from "../../../build/assembly/constants";
import { columnPanels, panel, panelWidth, scratchBytes } from "../../../build/assembly/micro-kernels";
import {
  collect,
  combineRows,
  inputs,
  outputs,
  spread,
  weights,
} from "../../../build/assembly/winograd-transforms";
import { floats, pointer, prefetch, real, smaller, word } from "./args";
import { pad } from "./convolution";

/** Channels of a position that are moved at once: a line of the cache. */
const lineBytes: usize = 64;
/** Positions are this much further apart than their contents, so that they do not fall into the same cache sets. */
const skew: usize = 64;

/** Bytes of channels that a transform takes at once: two vectors where V8 joins them and the channels are enough. */
function stepBytes(pixel: usize): usize {
  return panelWidth() == 16 && pixel % 32 == 0 ? 32 : 16;
}

/**
 * u = G w G^T for all pairs of channels, perhaps packed as `packWeights` would. One task the pairs of one input channel.
 *
 * args: w, kernel, cin, cout, u, tile, whether u is packed
 */
export function winogradWeights(args: usize, task: i32, scratch: usize): void {
  const kernel = word(args, 1);
  const cout = word(args, 3);
  const tile = word(args, 5);
  const n = tile + kernel - 1;
  const cin = word(args, 2);
  const pairs = floats(cin) * cout;
  const lines = scratch + sweepBytes;
  const step = stepBytes(floats(cout));
  const panelBytes = floats(panelWidth());
  const isPacked = word(args, 6) != 0;
  for (let o = 0; o < cout; o += 16) {
    const offset = floats(task * cout + o);
    const from = pointer(args, 0) + offset;
    const bytes = floats(smaller(16, cout - o));
    if (bytes < lineBytes) memory.fill(lines, 0, lineBytes * n * n);
    for (let c: usize = 0; c < bytes; c += step) {
      const row = step * kernel;
      weights(tile, kernel, step, kernel, from + c, pairs * kernel, pairs, scratch, row, step);
      weights(tile, kernel, step, n, scratch, step, row, lines + c, lineBytes, lineBytes * n);
    }
    if (isPacked) {
      for (let c: usize = 0; c < bytes; c += panelBytes) {
        const panel = pointer(args, 4) + (floats(o) + c) * (n * n * cin) + panelBytes * task;
        copyLines(n * n, panelBytes, lines + c, lineBytes, panel, panelBytes * cin);
      }
    } else {
      copyLines(n * n, bytes, lines, lineBytes, pointer(args, 4) + offset, pairs);
    }
  }
}

/**
 * dw = G^T du G for all pairs of channels. One task the pairs of one input channel.
 *
 * args: du, kernel, cin, cout, dw, tile
 */
export function winogradWeightsGradient(args: usize, task: i32, scratch: usize): void {
  const kernel = word(args, 1);
  const cout = word(args, 3);
  const tile = word(args, 5);
  const n = tile + kernel - 1;
  const pairs = floats(word(args, 2)) * cout;
  const lines = scratch + sweepBytes;
  const step = stepBytes(floats(cout));
  for (let o = 0; o < cout; o += 16) {
    const offset = floats(task * cout + o);
    const to = pointer(args, 4) + offset;
    const bytes = floats(smaller(16, cout - o));
    copyLines(n * n, bytes, pointer(args, 0) + offset, pairs, lines, lineBytes);
    for (let c: usize = 0; c < bytes; c += step) {
      collect(tile, kernel, step, n, lines + c, lineBytes * n, lineBytes, scratch, step * n, step);
      collect(tile, kernel, step, kernel, scratch, step, step * n, to + c, pairs, pairs * kernel);
    }
  }
}

/**
 * Copies a line of the cache, or less, of each position. Positions of transformed weights are often a multiple of 4096
 * bytes apart, in the same few cache sets, which a vector of each after the other would empty again and again.
 */
function copyLines(
  positions: i32,
  bytes: usize,
  from: usize,
  fromStep: usize,
  to: usize,
  toStep: usize,
): void {
  for (let position = 0; position < positions; position++) {
    for (let c: usize = 0; c < bytes; c += 16) v128.store(to + c, v128.load(from + c));
    from += fromStep;
    to += toStep;
  }
}

/** Taps in reverse order, channels swapped. One task a tap. args: w, taps, cin, cout, flipped */
export function flipWeights(args: usize, task: i32, _scratch: usize): void {
  const taps = word(args, 1);
  const cin = word(args, 2);
  const cout = word(args, 3);
  const from = pointer(args, 0) + floats((taps - 1 - task) * cin) * cout;
  let to = pointer(args, 4) + floats(task * cin) * cout;
  for (let o = 0; o < cout; o++) {
    for (let c = 0; c < cin; c++) {
      store<f32>(to, load<f32>(from + floats(c * cout + o)));
      to += 4;
    }
  }
}

/**
 * The convolution. One task some rows of tiles of some images: enough tiles to use each of the weights often.
 *
 * args: x, height, width, cin, pad, kernel, out height, out width, cout, packed u, y, bias or zeros, floor,
 *   mask or 0, images, images a task, rows of tiles a task, tasks an image group, zeros, tile
 */
export function winogradConvolve(args: usize, task: i32, scratch: usize): void {
  const height = word(args, 1);
  const width = word(args, 2);
  const cin = word(args, 3);
  const kernel = word(args, 5);
  const outHeight = word(args, 6);
  const outWidth = word(args, 7);
  const cout = word(args, 8);
  const packed = pointer(args, 9);
  const zeros = pointer(args, 18);
  const tile = word(args, 19);
  const n = tile + kernel - 1;
  const positions = n * n;
  const tilesDown = (outHeight + tile - 1) / tile;
  const tilesAcross = (outWidth + tile - 1) / tile;
  const group = task / word(args, 17);
  const firstImage = group * word(args, 15);
  const images = smaller(word(args, 15), word(args, 14) - firstImage);
  const firstRow = (task % word(args, 17)) * word(args, 16);
  const tileRows = smaller(word(args, 16), tilesDown - firstRow);
  const tilesAnImage = tileRows * tilesAcross;
  const tiles = images * tilesAnImage;
  const pixel = floats(cin);
  const rowLength = (tilesAcross - 1) * tile + n;
  const rows = (tileRows - 1) * tile + n;

  const sweep = scratch + scratchBytes;
  const padded = sweep + sweepBytes;
  const transformed = padded + pixel * rows * rowLength;
  const inPosition = pixel * tiles + skew;
  const products = transformed + inPosition * positions;
  const outPosition = floats(cout) * tiles + skew;

  const inBytes = stepBytes(pixel);
  for (let image = 0; image < images; image++) {
    const x = pointer(args, 0) + floats(height * width * cin) * (firstImage + image);
    pad(x, height, width, cin, word(args, 4), 1, padded, firstRow * tile, 1, rows, rowLength);
    for (let at = 0; at < tilesAnImage; at++) {
      const from = padded + pixel * ((at / tilesAcross) * tile * rowLength + (at % tilesAcross) * tile);
      const to = transformed + pixel * (image * tilesAnImage + at);
      for (let c: usize = 0; c < pixel; c += inBytes) {
        inputs(tile, kernel, inBytes, n, from + c, pixel * rowLength, pixel, sweep, inBytes * n, inBytes);
        inputs(tile, kernel, inBytes, n, sweep, inBytes, inBytes * n, to + c, inPosition, inPosition * n);
      }
    }
  }

  const panelColumns = panelWidth();
  for (let position = 0; position < positions; position++) {
    for (let j = 0; j < cout; j += panelColumns) {
      panel(
        transformed + inPosition * position,
        pixel,
        1,
        0,
        pixel,
        packed + floats(j * positions + position * panelColumns) * cin,
        products + outPosition * position + floats(j),
        floats(cout),
        tiles,
        smaller(panelColumns, cout - j),
        zeros,
        -Infinity,
        0,
        scratch,
      );
    }
  }

  const bias = pointer(args, 11);
  const floor = f32x4.splat(real(args, 12));
  const outPixel = floats(cout);
  const outBytes = stepBytes(outPixel);
  for (let at = 0; at < tiles; at++) {
    const inImage = at % tilesAnImage;
    const top = (firstRow + inImage / tilesAcross) * tile;
    const left = (inImage % tilesAcross) * tile;
    const down = smaller(tile, outHeight - top);
    const across = smaller(tile, outWidth - left);
    const corner = outPixel * (((firstImage + at / tilesAnImage) * outHeight + top) * outWidth + left);
    const y = pointer(args, 10) + corner;
    const mask = pointer(args, 13) ? pointer(args, 13) + corner : 0;
    const from = products + outPixel * at;
    for (let o: usize = 0; o < outPixel; o += outBytes) {
      const rowBytes = outBytes * n;
      outputs(tile, kernel, outBytes, n, from + o, outPosition * n, outPosition, sweep, rowBytes, outBytes);
      outputs(tile, kernel, outBytes, down, sweep, outBytes, rowBytes, sweep, outBytes, rowBytes);
      for (let i = 0; i < down; i++) {
        const row = sweep + rowBytes * i;
        const offset = outPixel * (i * outWidth) + o;
        const maskRow = mask ? mask + offset : 0;
        finish(across, outBytes, row, bias + o, floor, maskRow, y + offset, outPixel);
      }
    }
  }
}

/** Adds the bias to pixels of a row, `bytes` of channels each, and cuts them off below the floor or where masked. */
function finish(
  pixels: i32,
  bytes: usize,
  from: usize,
  bias: usize,
  floor: v128,
  mask: usize,
  to: usize,
  step: usize,
): void {
  if (bytes == 32) {
    const zero = f32x4.splat(0);
    const start0 = v128.load(bias);
    const start1 = v128.load(bias, 16);
    for (; pixels > 0; pixels--) {
      const x0 = v128.load(from);
      const x1 = v128.load(from, 16);
      let y0 = f32x4.pmax(f32x4.add(x0, start0), floor);
      let y1 = f32x4.pmax(f32x4.add(x1, start1), floor);
      if (mask) {
        const m0 = v128.load(mask);
        const m1 = v128.load(mask, 16);
        y0 = v128.and(y0, f32x4.gt(m0, zero));
        y1 = v128.and(y1, f32x4.gt(m1, zero));
        mask += step;
      }
      v128.store(to, y0);
      v128.store(to, y1, 16);
      from += bytes;
      to += step;
    }
    return;
  }
  for (; pixels > 0; pixels--) {
    for (let c: usize = 0; c < bytes; c += 16) {
      let value = f32x4.pmax(f32x4.add(v128.load(from + c), v128.load(bias + c)), floor);
      if (mask) value = v128.and(value, f32x4.gt(v128.load(mask + c), f32x4.splat(0)));
      v128.store(to + c, value);
    }
    from += bytes;
    to += step;
    if (mask) mask += step;
  }
}

/**
 * du = sum over tiles of (B^T d B) * (A dY A^T). One task one row of positions, over all images in order; it
 * transforms only what this row needs: one row of the first sweep, all of the second.
 *
 * args: x, height, width, cin, pad, kernel, out height, out width, cout, dy, du, images, images a chunk,
 *   B^T [n, n], A [n, m], tile
 */
export function winogradWeightGradient(args: usize, task: i32, scratch: usize): void {
  const height = word(args, 1);
  const width = word(args, 2);
  const cin = word(args, 3);
  const kernel = word(args, 5);
  const outHeight = word(args, 6);
  const outWidth = word(args, 7);
  const cout = word(args, 8);
  const images = word(args, 11);
  const chunkImages = word(args, 12);
  const tile = word(args, 15);
  const n = tile + kernel - 1;
  const tilesDown = (outHeight + tile - 1) / tile;
  const tilesAcross = (outWidth + tile - 1) / tile;
  const tilesAnImage = tilesDown * tilesAcross;
  const pixel = floats(cin);
  const outPixel = floats(cout);
  const rowLength = (tilesAcross - 1) * tile + n;
  const rows = (tilesDown - 1) * tile + n;
  const du = pointer(args, 10) + pixel * cout * n * task;
  memory.fill(du, 0, pixel * cout * n);

  const sweep = scratch + scratchBytes;
  const edge = sweep + sweepBytes;
  const padded = edge + outPixel * tile * tile;
  const transformed = padded + pixel * rows * rowLength;
  const inPosition = pixel * tilesAnImage * chunkImages + skew;
  const gradients = transformed + inPosition * n;
  const outPosition = outPixel * tilesAnImage * chunkImages + skew;
  const inputRow = pointer(args, 13) + floats(n * task);
  const outputRow = pointer(args, 14) + floats(tile * task);
  const inBytes = stepBytes(pixel);
  const outBytes = stepBytes(outPixel);

  for (let first = 0; first < images; first += chunkImages) {
    const chunk = smaller(chunkImages, images - first);
    for (let image = 0; image < chunk; image++) {
      const x = pointer(args, 0) + floats(height * width * cin) * (first + image);
      const dy = pointer(args, 9) + floats(outHeight * outWidth * cout) * (first + image);
      prefetch(x, floats(height * width * cin));
      prefetch(dy, floats(outHeight * outWidth * cout));
      pad(x, height, width, cin, word(args, 4), 1, padded, 0, 1, rows, rowLength);
      for (let at = 0; at < tilesAnImage; at++) {
        const top = (at / tilesAcross) * tile;
        const left = (at % tilesAcross) * tile;
        const index = image * tilesAnImage + at;
        const from = padded + pixel * (top * rowLength + left);
        for (let c: usize = 0; c < pixel; c += inBytes) {
          combineRows(n, inBytes, from + c, pixel * rowLength, pixel, inputRow, n, sweep);
          inputs(tile, kernel, inBytes, 1, sweep, inBytes, 0, transformed + pixel * index + c, inPosition, 0);
        }
        let source = dy + outPixel * (top * outWidth + left);
        let rowStep = outPixel * outWidth;
        if (top + tile > outHeight || left + tile > outWidth) {
          memory.fill(edge, 0, outPixel * tile * tile);
          for (let i = 0; i < smaller(tile, outHeight - top); i++) {
            memory.copy(
              edge + outPixel * tile * i,
              source + rowStep * i,
              outPixel * smaller(tile, outWidth - left),
            );
          }
          source = edge;
          rowStep = outPixel * tile;
        }
        for (let o: usize = 0; o < outPixel; o += outBytes) {
          combineRows(tile, outBytes, source + o, rowStep, outPixel, outputRow, tile, sweep);
          spread(
            tile,
            kernel,
            outBytes,
            1,
            sweep,
            outBytes,
            0,
            gradients + outPixel * index + o,
            outPosition,
            0,
          );
        }
      }
    }
    for (let j = 0; j < n; j++) {
      columnPanels(
        transformed + inPosition * j,
        pixel,
        gradients + outPosition * j,
        outPixel,
        chunk * tilesAnImage,
        1,
        0,
        0,
        du + pixel * cout * j,
        outPixel,
        cin,
        cout,
        scratch,
      );
    }
  }
}

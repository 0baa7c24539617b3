import { floats, pointer, word } from "./args";

/** Position in the input of output pixel i: half-pixel centres, clamped to the image. */
function position(i: i32, length: i32, outLength: i32): f32 {
  const at = ((<f32>i + 0.5) * <f32>length) / <f32>outLength - 0.5;
  return at < 0 ? 0 : at;
}

/**
 * Bilinear interpolation. One task a row of output pixels.
 *
 * args: x, height, width, channels, out height, out width, y
 */
export function resizeBilinear(args: usize, task: i32, _scratch: usize): void {
  const height = word(args, 1);
  const width = word(args, 2);
  const channels = word(args, 3);
  const outHeight = word(args, 4);
  const outWidth = word(args, 5);
  const image = pointer(args, 0) + floats(height * width * channels) * (task / outHeight);
  let y = pointer(args, 6) + floats(task * outWidth) * channels;
  const vertical = position(task % outHeight, height, outHeight);
  const top = <i32>vertical;
  const down = vertical - <f32>top;
  const upper = image + floats(top * width * channels);
  const lower = top + 1 < height ? upper + floats(width * channels) : upper;
  for (let j = 0; j < outWidth; j++) {
    const horizontal = position(j, width, outWidth);
    const left = <i32>horizontal;
    const across = horizontal - <f32>left;
    const here = floats(left * channels);
    const next = left + 1 < width ? here + floats(channels) : here;
    for (let c: usize = 0; c < floats(channels); c += 4) {
      const a = load<f32>(upper + here + c);
      const b = load<f32>(upper + next + c);
      const d = load<f32>(lower + here + c);
      const e = load<f32>(lower + next + c);
      const above = a + (b - a) * across;
      const below = d + (e - d) * across;
      store<f32>(y, above + (below - above) * down);
      y += 4;
    }
  }
}

/** The gradient with respect to the input. One task an image. args: dy, height, width, channels, out height, out width, dx */
export function resizeBilinearGradient(args: usize, task: i32, _scratch: usize): void {
  const height = word(args, 1);
  const width = word(args, 2);
  const channels = word(args, 3);
  const outHeight = word(args, 4);
  const outWidth = word(args, 5);
  const size = floats(height * width * channels);
  const dx = pointer(args, 6) + size * task;
  let dy = pointer(args, 0) + floats(outHeight * outWidth * channels) * task;
  memory.fill(dx, 0, size);
  for (let i = 0; i < outHeight; i++) {
    const vertical = position(i, height, outHeight);
    const top = <i32>vertical;
    const down = vertical - <f32>top;
    const upper = dx + floats(top * width * channels);
    const lower = top + 1 < height ? upper + floats(width * channels) : upper;
    for (let j = 0; j < outWidth; j++) {
      const horizontal = position(j, width, outWidth);
      const left = <i32>horizontal;
      const across = horizontal - <f32>left;
      const here = floats(left * channels);
      const next = left + 1 < width ? here + floats(channels) : here;
      for (let c: usize = 0; c < floats(channels); c += 4) {
        const value = load<f32>(dy);
        spread(upper + here + c, value * (1 - down) * (1 - across));
        spread(upper + next + c, value * (1 - down) * across);
        spread(lower + here + c, value * down * (1 - across));
        spread(lower + next + c, value * down * across);
        dy += 4;
      }
    }
  }
}

function spread(at: usize, value: f32): void {
  store<f32>(at, load<f32>(at) + value);
}

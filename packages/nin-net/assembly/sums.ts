import { floats, lineChannels } from "./args";

/** Adds some channels of pixels to one number a channel, pixel by pixel. */
export function addPixels(to: usize, from: usize, pixels: i32, channels: i32, first: i32, end: i32): void {
  const row = floats(channels);
  let channel = first;
  for (; channel + lineChannels <= end; channel += lineChannels) {
    const sums = to + floats(channel);
    let sum0 = v128.load(sums);
    let sum1 = v128.load(sums, 16);
    let sum2 = v128.load(sums, 32);
    let sum3 = v128.load(sums, 48);
    let at = from + floats(channel);
    for (let p = 0; p < pixels; p++) {
      sum0 = f32x4.add(sum0, v128.load(at));
      sum1 = f32x4.add(sum1, v128.load(at, 16));
      sum2 = f32x4.add(sum2, v128.load(at, 32));
      sum3 = f32x4.add(sum3, v128.load(at, 48));
      at += row;
    }
    v128.store(sums, sum0);
    v128.store(sums, sum1, 16);
    v128.store(sums, sum2, 32);
    v128.store(sums, sum3, 48);
  }
  for (; channel < end; channel++) {
    let sum = load<f32>(to + floats(channel));
    for (let p = 0; p < pixels; p++) sum += load<f32>(from + row * p + floats(channel));
    store<f32>(to + floats(channel), sum);
  }
}

/** The same of squared distances from `share` of the sums of each channel, which are those of `addPixels`. */
export function addSquaredDistances(
  to: usize,
  from: usize,
  pixels: i32,
  channels: i32,
  first: i32,
  end: i32,
  sums: usize,
  share: f32,
): void {
  const row = floats(channels);
  const shares = f32x4.splat(share);
  let channel = first;
  for (; channel + lineChannels <= end; channel += lineChannels) {
    const offset = floats(channel);
    const mean0 = f32x4.mul(v128.load(sums + offset), shares);
    const mean1 = f32x4.mul(v128.load(sums + offset, 16), shares);
    const mean2 = f32x4.mul(v128.load(sums + offset, 32), shares);
    const mean3 = f32x4.mul(v128.load(sums + offset, 48), shares);
    let sum0 = v128.load(to + offset);
    let sum1 = v128.load(to + offset, 16);
    let sum2 = v128.load(to + offset, 32);
    let sum3 = v128.load(to + offset, 48);
    let at = from + offset;
    for (let p = 0; p < pixels; p++) {
      const x0 = f32x4.sub(v128.load(at), mean0);
      const x1 = f32x4.sub(v128.load(at, 16), mean1);
      const x2 = f32x4.sub(v128.load(at, 32), mean2);
      const x3 = f32x4.sub(v128.load(at, 48), mean3);
      sum0 = f32x4.add(sum0, f32x4.mul(x0, x0));
      sum1 = f32x4.add(sum1, f32x4.mul(x1, x1));
      sum2 = f32x4.add(sum2, f32x4.mul(x2, x2));
      sum3 = f32x4.add(sum3, f32x4.mul(x3, x3));
      at += row;
    }
    v128.store(to + offset, sum0);
    v128.store(to + offset, sum1, 16);
    v128.store(to + offset, sum2, 32);
    v128.store(to + offset, sum3, 48);
  }
  for (; channel < end; channel++) {
    const offset = floats(channel);
    const mean = load<f32>(sums + offset) * share;
    let sum = load<f32>(to + offset);
    for (let p = 0; p < pixels; p++) {
      const x = load<f32>(from + row * p + offset) - mean;
      sum += x * x;
    }
    store<f32>(to + offset, sum);
  }
}

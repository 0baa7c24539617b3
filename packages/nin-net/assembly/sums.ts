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

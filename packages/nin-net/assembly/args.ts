/**
 * Every kernel has the same signature: (args, task, scratch). `args` points at 32-bit words written when the
 * program is compiled, `task` counts from 0 to the kernel's number of tasks, which run in any order on any
 * thread, and `scratch` is memory of the thread's own.
 */

export function word(args: usize, index: i32): i32 {
  return load<i32>(args + 4 * <usize>index);
}

export function pointer(args: usize, index: i32): usize {
  return <usize>load<u32>(args + 4 * <usize>index);
}

export function real(args: usize, index: i32): f32 {
  return load<f32>(args + 4 * <usize>index);
}

/** Bytes of n floats. */
export function floats(n: i32): usize {
  return 4 * <usize>n;
}

export function smaller(a: i32, b: i32): i32 {
  return a < b ? a : b;
}

/** Bytes of a line of the cache, on most machines. */
const line: usize = 64;
/** More would push out its own beginning before that is used. */
const mostPrefetched: usize = 1 << 18;

/**
 * Brings memory that is about to be read or written into the cache. Lines that a kernel comes upon one by one are
 * waited for one by one; these loads, of which nothing reads the values, wait for many at a time.
 */
export function prefetch(from: usize, bytes: usize): void {
  if (bytes > mostPrefetched) return;
  for (let i: usize = 0; i < bytes; i += line) load<u32>(from + i);
}

/** The same of one or more rows that lie `stride` bytes apart. */
export function prefetchRows(from: usize, stride: usize, rows: i32, bytes: usize): void {
  if (stride <= bytes + line) {
    prefetch(from, stride * (rows - 1) + bytes);
    return;
  }
  for (let row = 0; row < rows; row++) prefetch(from + stride * row, bytes);
}

/** Channels that a sweep over pixels takes at once: four vectors, a cache line of floats. */
export const lineChannels: i32 = 16;

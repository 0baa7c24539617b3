/** Numbers that instructions and the kernels in packages/nin-net/assembly/ must agree on; the build writes them for both. */

/** Elements a task of the elementwise kernels. */
export const chunk = 32768;
/** Elements that an expression computes at a time, at most: a few such blocks fit into the first cache. */
export const mostElements = 512;
/** Pixels whose sums are one row of sums: few enough for float32 sums over many pixels to stay exact enough. */
export const sumBlock = 64;
/** Pixels that a weight gradient takes at once: their columns of x and dy stay in the first-level cache. */
export const gradientPixels = 96;
/** Rows of packed weights a task. */
export const packedRows = 32;
/** Bytes of a Winograd tile between its sweeps: at most 8 x 8 pairs of vectors. */
export const sweepBytes = 2048;
/** Bytes of a thread's scratch, at its start, that are the micro-kernels'. */
export const microKernelBytes = 1024 + 4 * 128 * (48 + 16);

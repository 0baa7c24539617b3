/** Flags of the WebGPU specification; Node has no global objects that hold them. */
export const BufferUsage = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 } as const;
export const mapModeRead = 1;

/** Every tensor's buffer: kernels read and write it, copies move it. */
export const tensorUsage = BufferUsage.storage | BufferUsage.copySource | BufferUsage.copyTarget;

/** Buffers are whole vectors of four floats, so that elementwise kernels need no remainder. */
export function paddedBytes(bytes: number): number {
  return Math.max(16, Math.ceil(bytes / 16) * 16);
}

import type { WebGpuDevice } from "#nin-net/backends/webgpu/device.js";

/**
 * Runs an action on a GPU that refuses memory as a driver does, from so many bytes up: the buffer that it gives is
 * none, and the error scope says so. What the device's user has allocated before does not count.
 */
export async function cramped<T>(
  { gpu, memory }: WebGpuDevice,
  mostBytes: number,
  action: () => Promise<T>,
): Promise<T> {
  memory.release();
  let taken = 0;
  let refused: string | undefined;
  const { createBuffer, popErrorScope, pushErrorScope } = gpu;
  const scopes: string[] = [];
  gpu.createBuffer = (descriptor) => {
    const buffer = createBuffer.call(gpu, descriptor);
    if (taken + descriptor.size > mostBytes) {
      refused = `no room for ${descriptor.size} bytes`;
      buffer.destroy();
      return buffer;
    }
    const { destroy } = buffer;
    let size = descriptor.size;
    taken += size;
    buffer.destroy = () => {
      taken -= size;
      size = 0;
      return destroy.call(buffer);
    };
    return buffer;
  };
  gpu.pushErrorScope = (filter) => {
    scopes.push(filter);
    return pushErrorScope.call(gpu, filter);
  };
  gpu.popErrorScope = () => {
    const real = popErrorScope.call(gpu);
    const message = scopes.pop() === "out-of-memory" ? refused : undefined;
    if (message === undefined) return real;
    refused = undefined;
    return real.then(() => ({ message }));
  };
  try {
    return await action();
  } finally {
    Object.assign(gpu, { createBuffer, popErrorScope, pushErrorScope });
    memory.release();
  }
}

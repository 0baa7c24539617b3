import type { Device } from "../backends/backend.ts";
import { bestDevice } from "../nn/default-device.ts";

/**
 * The GPU if there is one, else the CPU, and `log` is told why; the device that all calls share.
 *
 * @param options.log - takes the reason; default `console.log`
 */
export async function tryGpu(
  options: { readonly log?: ((line: string) => void) | undefined } = {},
): Promise<Device> {
  const { device, noGpu } = await bestDevice();
  const log = options.log ?? console.log;
  if (noGpu !== undefined) log(`${noGpu} Using ${device.description}.`);
  return device;
}

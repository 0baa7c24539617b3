import type { Device } from "../backends/backend.ts";
import { defaultDevice } from "../nn/default-device.ts";

/**
 * The best device there is: at present the CPU device that all calls share, and `log` is told why.
 *
 * @param options.log - takes the reason; default `console.log`
 */
export async function tryGpu(
  options: { readonly log?: ((line: string) => void) | undefined } = {},
): Promise<Device> {
  const device = await defaultDevice();
  const log = options.log ?? console.log;
  log(`No GPU: this version of nin-net has no GPU backend. Using ${device.description}.`);
  return device;
}

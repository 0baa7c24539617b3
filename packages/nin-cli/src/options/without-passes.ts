import type { Device } from "nin-net";

/**
 * A device that leaves rewriting passes out of every program; the device given is disposed of with it.
 *
 * @param passes - their names; none: the device itself
 */
export function deviceWithoutPasses(device: Device, passes: readonly string[]): Device {
  if (passes.length === 0) return device;
  return {
    kind: device.kind,
    description: `${device.description}, without the passes ${passes.join(", ")}`,
    threads: device.threads,
    runsAhead: device.runsAhead,
    createState: (values) => device.createState(values),
    compile: (trace, state, options = {}) =>
      device.compile(trace, state, { ...options, without: [...(options.without ?? []), ...passes] }),
    [Symbol.dispose]: () => device[Symbol.dispose](),
  };
}

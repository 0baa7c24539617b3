import { setImmediate as nextTurn } from "node:timers/promises";
import type { Device, Program } from "nin-net";

/**
 * A device that lets timers and Ctrl-C in before each batch, for one that computes on the calling thread; the
 * device given is disposed of with it.
 */
export function interruptible(device: Device): Device {
  return {
    kind: device.kind,
    description: device.description,
    threads: device.threads,
    runsAhead: device.runsAhead,
    createState: (values) => device.createState(values),
    compile(trace, state, options): Program {
      const program = device.compile(trace, state, options);
      return {
        get inputs() {
          return program.inputs;
        },
        async run(inputs) {
          await nextTurn();
          return program.run(inputs);
        },
        [Symbol.dispose]: () => program[Symbol.dispose](),
      };
    },
    [Symbol.dispose]: () => device[Symbol.dispose](),
  };
}

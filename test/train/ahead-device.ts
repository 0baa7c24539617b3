import type { Device, Program } from "#nin-net/backends/backend.js";

/** What the runs of a device did, in order: `sent` when one was asked for, `read` when its results had come. */
export type RunLog = ("sent" | "read")[];

/** The same device, but for how far ahead of their results runs may be sent; results are untouched. */
export function ahead(device: Device, runsAhead: number, log: RunLog = []): Device {
  return {
    kind: device.kind,
    description: device.description,
    threads: device.threads,
    runsAhead,
    createState: (values) => device.createState(values),
    compile(trace, state, options): Program {
      const program = device.compile(trace, state, options);
      return {
        get inputs() {
          return program.inputs;
        },
        async run(inputs) {
          log.push("sent");
          try {
            return await program.run(inputs);
          } finally {
            log.push("read");
          }
        },
        [Symbol.dispose]: () => program[Symbol.dispose](),
      };
    },
    [Symbol.dispose]: () => device[Symbol.dispose](),
  };
}

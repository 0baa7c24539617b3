import { DisposedError } from "../../core/errors.ts";
import type { Graph } from "../../graph/node.ts";
import type { CompileOptions, Device, DeviceState, HostTensor, Program } from "../backend.ts";
import { stateOfAnotherDevice } from "../checks.ts";
import { ReferenceProgram } from "./program.ts";
import { ReferenceState } from "./state.ts";

/**
 * Opens the oracle: plain loops in float64 on one thread, for tests and small experiments. Slow.
 *
 * It runs the graph as it is traced, without any rewriting pass.
 */
export function openReference(): ReferenceDevice {
  return new ReferenceDevice();
}

export class ReferenceDevice implements Device {
  readonly kind = "reference";
  readonly description = "reference (plain loops in float64, 1 thread)";
  readonly threads = 1;
  readonly runsAhead = 0;
  #disposed = false;

  async createState(values: Readonly<Record<string, HostTensor>>): Promise<ReferenceState> {
    this.#check();
    return new ReferenceState(values, () => this.#check());
  }

  compile(trace: (images: number) => Graph, state: DeviceState, options: CompileOptions = {}): Program {
    this.#check();
    if (!(state instanceof ReferenceState)) {
      throw stateOfAnotherDevice();
    }
    return new ReferenceProgram(trace, state, options);
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError("The reference device");
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
  }
}

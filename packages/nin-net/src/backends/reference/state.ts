import { DisposedError, NinError } from "../../core/errors.ts";
import { sizeOf } from "../../graph/node.ts";
import type { ReferenceTensor } from "../../graph/op.ts";
import type { DeviceState, HostTensor } from "../backend.ts";
import { checkValues, checkWritten } from "../checks.ts";

/** State in float64. */
export class ReferenceState implements DeviceState {
  readonly #values = new Map<string, ReferenceTensor>();
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  readonly #checkDevice: () => void;

  /** @param checkDevice - throws if the device has been disposed of */
  constructor(values: Readonly<Record<string, HostTensor>>, checkDevice: () => void) {
    this.#checkDevice = checkDevice;
    checkValues(values);
    for (const [name, { shape, data }] of Object.entries(values)) {
      this.#values.set(name, { shape, data: Float64Array.from(data) });
    }
  }

  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** Runs an action when all actions before it have ended: a program lets other tasks in while it runs. */
  exclusive<T>(action: () => Promise<T>): Promise<T> {
    const next = this.#last.then(action, action);
    this.#last = next.catch(() => undefined);
    return next;
  }

  read(name: string): Promise<Float32Array> {
    return this.exclusive(async () => Float32Array.from(this.get(name).data));
  }

  /** @returns a copy in float64, without rounding */
  readExact(name: string): Float64Array {
    return this.get(name).data.slice();
  }

  write(name: string, data: Float32Array): Promise<void> {
    return this.exclusive(async () => {
      const { shape } = this.get(name);
      checkWritten(name, data.length, sizeOf(shape));
      this.set(name, { shape, data: Float64Array.from(data) });
    });
  }

  /** Throws if the state or its device has been disposed of. */
  check(): void {
    if (this.#disposed) throw new DisposedError("The state");
    this.#checkDevice();
  }

  /** The value itself, for programs. */
  get(name: string): ReferenceTensor {
    this.check();
    const value = this.#values.get(name);
    if (value === undefined) {
      throw new NinError(
        `state "${name}" does not exist, expected one of ${this.names.join(", ") || "none"}. Create the state with it.`,
      );
    }
    return value;
  }

  set(name: string, value: ReferenceTensor): void {
    this.#values.set(name, value);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#values.clear();
  }
}

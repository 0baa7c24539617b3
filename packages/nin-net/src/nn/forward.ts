import type { Device, DeviceState, HostTensor, Program } from "../backends/backend.ts";
import { ShapeError } from "../core/errors.ts";
import { Tensor, type TensorLike } from "../core/tensor.ts";
import { type Graph, input, sizeOf } from "../graph/node.ts";
import { defaultDevice } from "./default-device.ts";
import type { Layer } from "./layer.ts";
import {
  activationFromEngine,
  activationShapeToEngine,
  activationToEngine,
  weightToEngine,
} from "./layout.ts";
import { DeviceParameters, type Mode, traceContext } from "./trace.ts";

/** How {@link Layer.forward} runs. */
export interface ForwardOptions {
  /** Where to run; default: the CPU device that all calls share. */
  readonly device?: Device | undefined;
  /** Default `eval`: dropout does nothing. In neither mode are running statistics updated; training steps do that. */
  readonly mode?: Mode | undefined;
  /** In mode `train`: decides what dropout drops; default 0. */
  readonly seed?: number | undefined;
}

/**
 * Runs a layer on one batch; the program is compiled once for a layer, device and shape.
 *
 * @returns the layer's output, in PyTorch's order
 */
export async function forward(layer: Layer, x: TensorLike, options: ForwardOptions): Promise<Tensor> {
  const outputShape = layer.outputShape(x.shape);
  if (x.data.length !== sizeOf(x.shape)) {
    throw new ShapeError(layer.kind, {
      got: `${x.data.length} values`,
      want: `${sizeOf(x.shape)} for shape [${x.shape.join(", ")}]`,
      fix: "Give as many values as the shape has elements.",
    });
  }
  const device = options.device ?? (await defaultDevice());
  const data = await compiledFor(layer, device).run(x, options);
  return new Tensor(outputShape, activationFromEngine(outputShape, data));
}

/** Frees what {@link forward} keeps of a layer, on every device. */
export function freeCompiled(layer: Layer): void {
  for (const entry of compiled.get(layer)?.values() ?? []) entry[Symbol.dispose]();
  compiled.delete(layer);
}

const compiled = new WeakMap<Layer, Map<Device, CompiledLayer>>();

function compiledFor(layer: Layer, device: Device): CompiledLayer {
  let devices = compiled.get(layer);
  if (devices === undefined) {
    devices = new Map();
    compiled.set(layer, devices);
  }
  let entry = devices.get(device);
  if (entry === undefined) {
    entry = new CompiledLayer(layer, device);
    devices.set(device, entry);
  }
  return entry;
}

/** A layer's weights and programs on one device. */
class CompiledLayer implements Disposable {
  readonly #layer: Layer;
  readonly #device: Device;
  readonly #parameters: DeviceParameters;
  readonly #programs = new Map<string, Program>();
  /** What the device holds: parameters may be written to at any time, so it is compared before each run. */
  readonly #held = new Map<string, Float32Array>();
  #state: DeviceState | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(layer: Layer, device: Device) {
    this.#layer = layer;
    this.#device = device;
    this.#parameters = new DeviceParameters(layer);
  }

  /** One call after the other: they share the state. */
  run(x: TensorLike, options: ForwardOptions): Promise<Float32Array> {
    const result = this.#last.then(() => this.#run(x, options));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #run(x: TensorLike, { mode = "eval", seed = 0 }: ForwardOptions): Promise<Float32Array> {
    const state = await this.#upToDateState();
    const shape = activationShapeToEngine(x.shape);
    const key = `${mode} ${shape.slice(1).join(" ")}`;
    let program = this.#programs.get(key);
    if (program === undefined) {
      program = this.#compile(mode, shape.slice(1), state);
      this.#programs.set(key, program);
    }
    const inputs: Record<string, HostTensor> = {
      x: { shape, dtype: "f32", data: activationToEngine(x.shape, x.data) },
      randomKey: { shape: [3], dtype: "u32", data: Uint32Array.of(seed, 0, 0) },
    };
    const { inputs: wanted } = program;
    const used = Object.entries(inputs).filter(([name]) => wanted.has(name));
    const { y } = await program.run(Object.fromEntries(used));
    return y!.data as Float32Array;
  }

  #compile(mode: Mode, image: readonly number[], state: DeviceState): Program {
    const trace = (images: number): Graph => {
      const x = input("x", [images, ...image], "f32", "slice");
      return {
        outputs: { y: this.#layer.trace(x, traceContext(mode, this.#parameters)) },
        updates: new Map(),
      };
    };
    return this.#device.compile(trace, state);
  }

  async #upToDateState(): Promise<DeviceState> {
    if (this.#state === undefined) {
      this.#state = await this.#device.createState(this.#parameters.values());
      for (const [name, { data }] of this.#parameters.all) this.#held.set(name, data.slice());
      return this.#state;
    }
    for (const [name, { shape, data }] of this.#parameters.all) {
      if (equal(data, this.#held.get(name)!)) continue;
      await this.#state.write(name, weightToEngine(shape, data));
      this.#held.set(name, data.slice());
    }
    return this.#state;
  }

  [Symbol.dispose](): void {
    for (const program of this.#programs.values()) program[Symbol.dispose]();
    this.#programs.clear();
    this.#state?.[Symbol.dispose]();
    this.#state = undefined;
  }
}

function equal(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

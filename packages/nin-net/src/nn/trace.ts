import type { HostTensor } from "../backends/backend.ts";
import { input, type Node, type StateNode, state } from "../graph/node.ts";
import type { Layer } from "./layer.ts";
import { weightFromEngine, weightShapeToEngine, weightToEngine } from "./layout.ts";
import type { Parameter } from "./parameter.ts";

/** `train`: dropout is on; `eval`: it is off. */
export type Mode = "train" | "eval";

/** What a layer is given when it adds itself to a graph. */
export interface TraceContext {
  readonly mode: Mode;
  /** The parameter as the graph sees it, in the engine's layout, under its full name. */
  parameter(parameter: Parameter): Node;
  /** Seed, epoch and step, u32 [3]: what random masks depend on. */
  readonly randomKey: Node;
  /** A number for each source of randomness in a graph, so that no two are alike. */
  nextStream(): number;
}

/** A layer's parameters as state of a device. */
export class DeviceParameters {
  /** Every parameter under its full name. */
  readonly named: readonly (readonly [name: string, parameter: Parameter])[];
  readonly #nodes: ReadonlyMap<Parameter, StateNode>;

  constructor(layer: Layer) {
    this.named = layer.namedParameters();
    this.#nodes = new Map(
      this.named.map(([name, parameter]) => [parameter, state(name, weightShapeToEngine(parameter.shape))]),
    );
  }

  /** The state nodes, in the order of `namedParameters`. */
  get nodes(): readonly StateNode[] {
    return [...this.#nodes.values()];
  }

  node(parameter: Parameter): StateNode {
    const node = this.#nodes.get(parameter);
    if (node === undefined) throw new RangeError(`parameter ${parameter.name} is not part of this network`);
    return node;
  }

  /** The present values by name, in the engine's layout. */
  values(): Record<string, HostTensor> {
    return Object.fromEntries(
      this.named.map(([name, { shape, data }]) => [
        name,
        { shape: weightShapeToEngine(shape), dtype: "f32", data: weightToEngine(shape, data) },
      ]),
    );
  }

  /** Copies a device's values into the parameters. */
  async pull(from: { read(name: string): Promise<Float32Array> }): Promise<void> {
    const values = await Promise.all(this.named.map(([name]) => from.read(name)));
    for (const [index, [, parameter]] of this.named.entries()) {
      parameter.data = weightFromEngine(parameter.shape, values[index]!);
    }
  }
}

/** The input that {@link TraceContext.randomKey} is. */
export const randomKey = input("randomKey", [3], "u32", "step");

/** A context for one trace. */
export function traceContext(mode: Mode, parameters: DeviceParameters): TraceContext {
  let streams = 0;
  return {
    mode,
    parameter: (parameter) => parameters.node(parameter),
    randomKey,
    nextStream: () => streams++,
  };
}

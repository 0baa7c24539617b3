import type { HostTensor } from "../backends/backend.ts";
import { input, type Node, type StateNode, state } from "../graph/node.ts";
import type { Layer } from "./layer.ts";
import { weightFromEngine, weightShapeToEngine, weightToEngine } from "./layout.ts";
import type { LayerBuffer, Parameter } from "./parameter.ts";

/** `train`: dropout is on and running statistics are updated; `eval`: they are not. */
export type Mode = "train" | "eval";

/** What a layer is given when it adds itself to a graph. */
export interface TraceContext {
  /** Whether the graph is for training or for evaluation. */
  readonly mode: Mode;
  /** The parameter as the graph sees it, in the engine's layout, under its full name. */
  parameter(parameter: Parameter): Node;
  /** The buffer as the graph sees it: its value before the step. */
  buffer(buffer: LayerBuffer): Node;
  /**
   * Gives a buffer a new value after the step, in training mode only.
   *
   * @param value - of the whole batch: add what belongs to a slice up with `ops.sumSlices` first
   */
  update(buffer: LayerBuffer, value: Node): void;
  /** Adds an inner layer to the graph; unlike a call of its `trace`, messages and summaries then name it. */
  layer(layer: Layer, x: Node): Node;
  /** Seed, epoch and step, u32 [3]: what random masks depend on. */
  readonly randomKey: Node;
  /** A number for each source of randomness in a graph, so that no two are alike. */
  nextStream(): number;
}

/** A layer's parameters and buffers as state of a device. */
export class DeviceParameters {
  /** Every parameter under its full name. */
  readonly named: readonly (readonly [name: string, parameter: Parameter])[];
  /** Every buffer under its full name. */
  readonly namedBuffers: readonly (readonly [name: string, buffer: LayerBuffer])[];
  readonly #prefix: string;
  readonly #nodes: ReadonlyMap<Parameter | LayerBuffer, StateNode>;

  /** @param prefix - stands before the full names in the device's state; default: nothing */
  constructor(layer: Layer, prefix = "") {
    this.#prefix = prefix;
    this.named = layer.namedParameters();
    this.namedBuffers = layer.namedBuffers();
    this.#nodes = new Map(
      this.all.map(([name, values]) => [
        values,
        state(this.stateName(name), weightShapeToEngine(values.shape)),
      ]),
    );
  }

  /** Parameters and buffers. */
  get all(): readonly (readonly [name: string, values: Parameter | LayerBuffer])[] {
    return [...this.named, ...this.namedBuffers];
  }

  /** Of a parameter or buffer, by its full name. */
  stateName(name: string): string {
    return this.#prefix + name;
  }

  /** The state nodes of the parameters, in the order of `namedParameters`. */
  get nodes(): readonly StateNode[] {
    return this.named.map(([, parameter]) => this.node(parameter));
  }

  /**
   * The state node of a parameter or buffer.
   *
   * @throws RangeError if it is none of the network's
   */
  node(values: Parameter | LayerBuffer): StateNode {
    const node = this.#nodes.get(values);
    if (node === undefined) {
      throw new RangeError(
        `${values.name} is not part of this network. List it in the layer's parameters or buffers.`,
      );
    }
    return node;
  }

  /** The present values by their names in the state, in the engine's layout. */
  values(): Record<string, HostTensor> {
    return Object.fromEntries(
      this.all.map(([name, { shape, data }]) => [
        this.stateName(name),
        { shape: weightShapeToEngine(shape), dtype: "f32", data: weightToEngine(shape, data) },
      ]),
    );
  }

  /** Copies a device's values into the parameters and buffers. */
  async pull(from: { read(name: string): Promise<Float32Array> }): Promise<void> {
    const values = await Promise.all(this.all.map(([name]) => from.read(this.stateName(name))));
    for (const [index, [, each]] of this.all.entries()) {
      each.data = weightFromEngine(each.shape, values[index]!);
    }
  }
}

/** The input that {@link TraceContext.randomKey} is. */
export const randomKey = input("randomKey", [3], "u32", "step");

/** A context for one trace, and what the trace updates. */
export interface GraphContext extends TraceContext {
  /** New values of buffers, to be written after the step. */
  readonly updates: ReadonlyMap<StateNode, Node>;
}

/** A context for one trace. */
export function traceContext(mode: Mode, parameters: DeviceParameters): GraphContext {
  let streams = 0;
  const updates = new Map<StateNode, Node>();
  const context: GraphContext = {
    mode,
    parameter: (parameter) => parameters.node(parameter),
    buffer: (buffer) => parameters.node(buffer),
    update(buffer, value) {
      if (mode === "train") updates.set(parameters.node(buffer), value);
    },
    layer: (layer, x) => layer.trace(x, context),
    randomKey,
    nextStream: () => streams++,
    updates,
  };
  return context;
}

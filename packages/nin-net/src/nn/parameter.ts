import { formatShape, ShapeError } from "../core/errors.ts";
import { sizeOf } from "../graph/node.ts";

/** Values that a layer holds, in PyTorch's order; see {@link Parameter} and {@link LayerBuffer}. */
abstract class LayerValues {
  /** Within its layer, e.g. `weight`. */
  readonly name: string;
  /** PyTorch's. */
  readonly shape: readonly number[];
  #data: Float32Array | undefined;

  constructor(name: string, shape: readonly number[]) {
    this.name = name;
    this.shape = shape;
  }

  /** Makes the initial values. */
  protected abstract initialValues(): Float32Array;

  /** Number of values. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The values; may be written to. Made when first asked for, so that loading weights draws none. */
  get data(): Float32Array {
    this.#data ??= this.initialValues();
    return this.#data;
  }

  /** Replaces the values by a copy of `data`. */
  set data(data: Float32Array) {
    if (data.length !== this.size) {
      throw new ShapeError(`parameter ${this.name}`, {
        got: `${data.length} values`,
        want: `${this.size}, as shape ${formatShape(this.shape)} has`,
        fix: "Give as many values as the parameter has.",
      });
    }
    this.#data = data.slice();
  }

  /** Forgets the values; initial ones are made when they are next asked for. */
  protected reset(): void {
    this.#data = undefined;
  }
}

/** What an initializer knows of a parameter. */
export interface ParameterInfo {
  /** Within its layer, e.g. `weight`. */
  readonly name: string;
  /** PyTorch's. */
  readonly shape: readonly number[];
  /** Number of values. */
  readonly size: number;
  /** Inputs that one output value of the layer depends on. */
  readonly fanIn: number;
  /** Output values of the layer that one input value acts on. */
  readonly fanOut: number;
}

/** Makes the initial values of a parameter. */
export type ParameterInitializer = (parameter: ParameterInfo) => Float32Array;

/** Numbers that training changes: a weight or a bias. */
export class Parameter extends LayerValues implements ParameterInfo {
  readonly fanIn: number;
  readonly fanOut: number;
  #initializer: ParameterInitializer;

  constructor(
    name: string,
    shape: readonly number[],
    fan: { readonly in: number; readonly out: number },
    initializer: ParameterInitializer,
  ) {
    super(name, shape);
    this.fanIn = fan.in;
    this.fanOut = fan.out;
    this.#initializer = initializer;
  }

  protected override initialValues(): Float32Array {
    return this.#initializer(this);
  }

  /** Forgets the values; `initializer` makes new ones when they are next asked for. */
  initialise(initializer: ParameterInitializer): void {
    this.#initializer = initializer;
    this.reset();
  }
}

/**
 * Numbers that a layer keeps beside its parameters, such as running statistics: saved with the weights, updated by
 * training steps through {@link TraceContext.update}, not trained and not counted as parameters.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_buffer
 */
export class LayerBuffer extends LayerValues {
  readonly #initial: number;

  /**
   * @param shape - [] for one number
   * @param initial - what every value is at the start
   */
  constructor(name: string, shape: readonly number[], initial = 0) {
    super(name, shape);
    this.#initial = initial;
  }

  protected override initialValues(): Float32Array {
    return new Float32Array(this.size).fill(this.#initial);
  }
}

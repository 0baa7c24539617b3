import { formatShape, ShapeError } from "../core/errors.ts";

/** Makes the initial values of a parameter. */
export type Initialiser = (parameter: Parameter) => Float32Array;

/** Numbers that training changes: a weight or a bias, in PyTorch's order. */
export class Parameter {
  /** Within its layer: `weight` or `bias`. */
  readonly name: string;
  /** PyTorch's: [Cout, Cin, K, K], [out, in] or [out]. */
  readonly shape: readonly number[];
  /** Inputs that one output value of the layer depends on. */
  readonly fanIn: number;
  /** Output values of the layer that one input value acts on. */
  readonly fanOut: number;
  #initialiser: Initialiser;
  #data: Float32Array | undefined;

  constructor(
    name: string,
    shape: readonly number[],
    fan: { readonly in: number; readonly out: number },
    initialiser: Initialiser,
  ) {
    this.name = name;
    this.shape = shape;
    this.fanIn = fan.in;
    this.fanOut = fan.out;
    this.#initialiser = initialiser;
  }

  /** Number of values. */
  get size(): number {
    return this.shape.reduce((size, length) => size * length, 1);
  }

  /** The values; may be written to. Drawn when first asked for, so that loading weights draws none. */
  get data(): Float32Array {
    this.#data ??= this.#initialiser(this);
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

  /** Forgets the values; `initialiser` makes new ones when they are first asked for. */
  initialise(initialiser: Initialiser): void {
    this.#initialiser = initialiser;
    this.#data = undefined;
  }
}

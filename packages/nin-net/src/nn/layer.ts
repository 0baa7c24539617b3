import { formatShape, NinError, ShapeError } from "../core/errors.ts";
import { Tensor, type TensorLike } from "../core/tensor.ts";
import type { Node } from "../graph/node.ts";
import { type ForwardOptions, forward, freeCompiled } from "./forward.ts";
import { describeLayer, inside, type LayerPath } from "./layer-path.ts";
import type { Parameter } from "./parameter.ts";
import type { TraceContext } from "./trace.ts";

/** Weights by name, in PyTorch's order and under PyTorch's names. */
export type StateDict = Readonly<Record<string, TensorLike>>;

/** A layer or a network: it knows its shapes and parameters and traces itself into a graph. */
export abstract class Layer {
  /** PyTorch's class name, e.g. `Conv2d`. */
  abstract readonly kind: string;

  /** Its own parameters, those of inner layers not included. */
  get parameters(): readonly Parameter[] {
    return [];
  }

  /** Inner layers, in the order of the data. */
  get children(): readonly Layer[] {
    return [];
  }

  /** How many numbers are trained, inner layers included. */
  get parameterCount(): number {
    let count = 0;
    for (const [, parameter] of this.namedParameters()) count += parameter.size;
    return count;
  }

  /** Stands before the index of an inner layer in the names of parameters. */
  protected get childPrefix(): string {
    return "";
  }

  /** What stands between the brackets of {@link toString}. */
  protected get details(): string {
    return "";
  }

  /**
   * The shape that the layer makes of another one; both in PyTorch's order.
   *
   * @param place - where the layer stands, for the message
   * @throws ShapeError naming the layer if it cannot take `input`
   */
  abstract outputShape(input: readonly number[], place?: LayerPath): number[];

  /** Adds the layer to a graph; `x` and the result are in the engine's layout. */
  abstract trace(x: Node, context: TraceContext): Node;

  /** Products summed in convolutions and matrix products for an input of this shape, inner layers included. */
  multiplyAdds(_input: readonly number[]): number {
    return 0;
  }

  /**
   * Runs the layer on a batch. Dropout does nothing unless `mode` is `train`.
   *
   * @param x - [N, C, H, W], or what the layer takes
   * @returns the layer's output, in PyTorch's order
   * @throws ShapeError naming the layer that cannot take its input
   */
  forward(x: TensorLike, options: ForwardOptions = {}): Promise<Tensor> {
    return forward(this, x, options);
  }

  /** Frees the memory that {@link forward} keeps on devices; the next call makes it anew. */
  free(): void {
    freeCompiled(this);
  }

  /** Every parameter under its name in `stateDict`, a shared one once. */
  namedParameters(): [name: string, parameter: Parameter][] {
    const named = new Map<Parameter, string>();
    this.#collect("", named);
    return [...named].map(([parameter, name]) => [name, parameter]);
  }

  #collect(prefix: string, named: Map<Parameter, string>): void {
    for (const parameter of this.parameters) {
      if (!named.has(parameter)) named.set(parameter, prefix + parameter.name);
    }
    for (const [index, child] of this.children.entries()) {
      child.#collect(`${prefix}${this.childPrefix}${index}.`, named);
    }
  }

  /** A copy of the weights, in PyTorch's order and under PyTorch's names. */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries(
      this.namedParameters().map(([name, { shape, data }]) => [name, new Tensor(shape, data.slice())]),
    );
  }

  /**
   * Replaces the weights; all or, if one does not fit, none.
   *
   * @throws NinError if a weight is missing or unknown; ShapeError if one has another shape
   */
  loadStateDict(weights: StateDict): void {
    const places = this.#places();
    const named = this.namedParameters();
    for (const [name, parameter] of named) {
      const where = places.get(parameter)!;
      if (!Object.hasOwn(weights, name)) {
        throw new NinError(
          `${where}: got no weight named ${name}, expected one of shape ${formatShape(parameter.shape)}. ` +
            `Load weights that were saved from this network; these have ${listNames(Object.keys(weights))}.`,
        );
      }
      const { shape, data } = weights[name]!;
      if (formatShape(shape) !== formatShape(parameter.shape) || data.length !== parameter.size) {
        throw new ShapeError(`${where} ${name}`, {
          got: `${data.length} values of shape ${formatShape(shape)}`,
          want: `${parameter.size} of shape ${formatShape(parameter.shape)}`,
          fix: "Load weights that were saved from a network with the same sizes.",
        });
      }
    }
    const known = new Set(named.map(([name]) => name));
    const unknown = Object.keys(weights).filter((name) => !known.has(name));
    if (unknown.length > 0) {
      throw new NinError(
        `${this.kind}: got weights that it does not have, ${listNames(unknown)}; ` +
          `expected ${listNames([...known])}. Load weights that were saved from this network.`,
      );
    }
    for (const [name, parameter] of named) parameter.data = weights[name]!.data;
  }

  /** Where each parameter's layer stands, in words. */
  #places(
    place: LayerPath = { root: this.kind, path: "" },
    found = new Map<Parameter, string>(),
  ): Map<Parameter, string> {
    for (const parameter of this.parameters) found.set(parameter, describeLayer(this.kind, place));
    for (const [index, child] of this.children.entries()) child.#places(inside(place, index), found);
    return found;
  }

  /** As PyTorch prints a module: one layer a line, inner layers indented. */
  toString(): string {
    const inner = this.children.map(
      (child, index) => `  (${index}): ${child.toString().replaceAll("\n", "\n  ")}`,
    );
    return inner.length > 0 ? `${this.kind}(\n${inner.join("\n")}\n)` : `${this.kind}(${this.details})`;
  }
}

/** The first few names, and how many more there are. */
function listNames(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const more = names.length > 4 ? ` and ${names.length - 4} more` : "";
  return names.slice(0, 4).join(", ") + more;
}

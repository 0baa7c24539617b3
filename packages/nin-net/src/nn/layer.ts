import { formatShape, NinError, ShapeError } from "../core/errors.ts";
import { Tensor, type TensorLike } from "../core/tensor.ts";
import type { Node } from "../graph/node.ts";
import { type ForwardOptions, forward, freeCompiled } from "./forward.ts";
import { checkPositive, describeLayer, inside, type LayerPath } from "./layer-path.ts";
import type { LayerBuffer, Parameter } from "./parameter.ts";
import type { TraceContext } from "./trace.ts";
import { traceLayers } from "./trace-layers.ts";

/** Weights by name, in PyTorch's order and under PyTorch's names. */
export type StateDict = Readonly<Record<string, TensorLike>>;

/**
 * A layer or a network. A layer of your own needs a `kind`, its `parameters` and `buffers` if it has any, and `trace`;
 * shapes and costs follow from the ops that it traces.
 *
 *     const softsign = definePointwise("softsign", (x) => x.div(x.abs().add(1)));
 *
 *     class Softsign extends Layer {
 *       override readonly kind = "Softsign";
 *       override trace(x: Node): Node {
 *         return softsign(x);
 *       }
 *     }
 */
export abstract class Layer {
  /** PyTorch's class name, e.g. `Conv2d`. */
  abstract readonly kind: string;

  /** Its own parameters, those of inner layers not included. */
  get parameters(): readonly Parameter[] {
    return [];
  }

  /** What it keeps beside its parameters, such as running statistics; those of inner layers not included. */
  get buffers(): readonly LayerBuffer[] {
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
   * Adds the layer to a graph, by calling ops.
   *
   * @param x - in the engine's layout: images are [N, H, W, C], everything else is as PyTorch has it
   * @returns the layer's output, in the same layout
   */
  abstract trace(x: Node, context: TraceContext): Node;

  /**
   * Refuses inputs that the layer cannot take, before it is traced. What it lets through, ops still check; a layer
   * overrides it where it can say more than they do.
   *
   * @param where - names the layer in messages
   * @param shape - in PyTorch's order
   * @throws ShapeError
   */
  checkInput(where: string, shape: readonly number[]): void {
    checkPositive(where, shape);
  }

  /**
   * The shape that the layer makes of another one; both in PyTorch's order.
   *
   * @param place - where the layer stands, for the message
   * @throws ShapeError naming the layer if it cannot take `input`
   */
  outputShape(input: readonly number[], place?: LayerPath): number[] {
    return traceLayers(this, input, place).outputShape;
  }

  /** Products summed in convolutions and matrix products for an input of this shape, inner layers included. */
  multiplyAdds(input: readonly number[]): number {
    return traceLayers(this, input).multiplyAdds;
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

  /** Frees the memory that {@link forward} keeps on devices; the next call makes it again. */
  free(): void {
    freeCompiled(this);
  }

  /** Every parameter under its name in `stateDict`, a shared one once. */
  namedParameters(): [name: string, parameter: Parameter][] {
    return [...this.#named((layer) => layer.parameters)].map(([parameter, name]) => [name, parameter]);
  }

  /** Every buffer under its name in `stateDict`, a shared one once. */
  namedBuffers(): [name: string, buffer: LayerBuffer][] {
    return [...this.#named((layer) => layer.buffers)].map(([buffer, name]) => [name, buffer]);
  }

  /** Both, in the order of PyTorch's `state_dict`: layer by layer, parameters first. */
  namedState(): [name: string, values: Parameter | LayerBuffer][] {
    const named = this.#named<Parameter | LayerBuffer>((layer) => [...layer.parameters, ...layer.buffers]);
    return [...named].map(([values, name]) => [name, values]);
  }

  #named<T extends { readonly name: string }>(
    own: (layer: Layer) => readonly T[],
    prefix = "",
    named = new Map<T, string>(),
  ): Map<T, string> {
    for (const each of own(this)) if (!named.has(each)) named.set(each, prefix + each.name);
    for (const [index, child] of this.children.entries()) {
      child.#named(own, `${prefix}${this.childPrefix}${index}.`, named);
    }
    return named;
  }

  /** A copy of the weights and buffers, in PyTorch's order and under PyTorch's names. */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries(
      this.namedState().map(([name, { shape, data }]) => [name, new Tensor(shape, data.slice())]),
    );
  }

  /**
   * Replaces the weights and buffers; all or, if one does not fit, none.
   *
   * @throws NinError if a weight is missing or unknown; ShapeError if one has another shape
   */
  loadStateDict(weights: StateDict): void {
    const places = this.#places();
    const named = this.namedState();
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

  /** Where the layer of each parameter and buffer stands, in words. */
  #places(
    place: LayerPath = { root: this.kind, path: "" },
    found = new Map<Parameter | LayerBuffer, string>(),
  ): Map<Parameter | LayerBuffer, string> {
    for (const own of [...this.parameters, ...this.buffers]) found.set(own, describeLayer(this.kind, place));
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

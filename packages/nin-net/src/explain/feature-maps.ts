import type { Device } from "../backends/backend.ts";
import { NinError } from "../core/errors.ts";
import type { Tensor, TensorLike } from "../core/tensor.ts";
import type { Node } from "../graph/node.ts";
import { Layer } from "../nn/layer.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { recordLayers } from "../nn/record-layers.ts";
import type { TraceContext } from "../nn/trace.ts";

/** A layer in its network, as the table of `summarize` has it. */
export interface FoundLayer {
  /** Indices from the network down, e.g. `2.0`. */
  readonly path: string;
  /** The layer itself. */
  readonly layer: Layer;
  /** Everything from the network's input to the layer's output. */
  readonly upTo: Sequential;
}

/**
 * Finds a layer.
 *
 * @param name - indices from the network down, `2` or `2.0`, negative ones from the end; with `model.` before them
 *   as in the names of weights; or a kind that occurs once, e.g. `Dropout`
 * @throws NinError naming what there is
 */
export function findLayer(net: Layer, name: string): FoundLayer {
  const all = [...layersOf(net)];
  const path = name
    .replace(/^model\./, "")
    .split(".")
    .reduce<readonly string[] | undefined>((parts, part) => resolved(net, parts, part), []);
  const found =
    path !== undefined
      ? all.filter((each) => each.path === path.join("."))
      : all.filter(({ layer }) => layer.kind.toLowerCase() === name.toLowerCase());
  if (found.length !== 1) {
    const top = net.children.map((layer, index) => `${index} ${layer.kind}`).join(", ");
    throw new NinError(
      `layer ${JSON.stringify(name)}: ${found.length > 1 ? `${found.length} layers are of this kind` : "there is none"}, ` +
        `expected the index of one of ${top}, or one inside, such as ${all.find((each) => each.path.includes("."))?.path ?? "0"}.`,
    );
  }
  return found[0]!;
}

/**
 * Runs a network up to a layer.
 *
 * @param images - [N, C, H, W]
 * @returns what the layer gives, [N, C, H, W] or [N, C]
 */
export function featureMaps(
  { upTo }: FoundLayer,
  images: TensorLike,
  { device }: { readonly device?: Device | undefined } = {},
): Promise<Tensor> {
  return upTo.forward(images, { device });
}

/**
 * Every layer inside a network, with all that comes before it.
 *
 * @param within - the network or one of its layers
 * @param before - what comes before that; undefined: not a sequence of layers
 */
function* layersOf(
  net: Layer,
  within = net,
  path = "",
  before: readonly Layer[] | undefined = [],
): Generator<FoundLayer> {
  for (const [index, layer] of within.children.entries()) {
    const own = path === "" ? `${index}` : `${path}.${index}`;
    const ahead = within instanceof Sequential && before && [...before, ...within.layers.slice(0, index)];
    yield {
      path: own,
      layer,
      upTo: ahead ? new Sequential(...ahead, layer) : new Sequential(new Tap(net, own)),
    };
    yield* layersOf(net, layer, own, ahead || undefined);
  }
}

/** A network that gives what one of its inner layers gives. */
class Tap extends Layer {
  override readonly kind = "Tap";
  readonly #net: Layer;
  readonly #path: string;

  constructor(net: Layer, path: string) {
    super();
    this.#net = net;
    this.#path = path;
  }

  override get children(): readonly Layer[] {
    return [this.#net];
  }

  override trace(x: Node, context: TraceContext): Node {
    const outputs = new Map<string, Node>();
    this.#net.trace(x, recordLayers(this.#net, context, outputs));
    return outputs.get(this.#path)!;
  }
}

/** Adds an index to a path, counted from the end if it is negative; undefined if it leads nowhere. */
function resolved(
  net: Layer,
  path: readonly string[] | undefined,
  part: string,
): readonly string[] | undefined {
  let layer: Layer | undefined = net;
  for (const index of path ?? []) layer = layer?.children[Number(index)];
  const count = layer?.children.length ?? 0;
  if (path === undefined || !/^-?\d+$/.test(part) || Number(part) >= count || Number(part) < -count) {
    return undefined;
  }
  return [...path, `${Number(part) < 0 ? count + Number(part) : Number(part)}`];
}

import type { Device } from "../backends/backend.ts";
import { NinError } from "../core/errors.ts";
import { Tensor, type TensorLike } from "../core/tensor.ts";
import type { Layer } from "../nn/layer.ts";
import { AdaptiveAvgPool2d } from "../nn/layers/adaptive-avg-pool-2d.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { type ReceptiveField, receptiveField } from "./receptive-field.ts";

/** The maps that a network's class scores are the averages of. */
export interface ClassMaps {
  /** [N, classes, H, W] */
  readonly maps: Tensor;
  /** [N, classes], each the average of its map, and just what the network gives. */
  readonly logits: Tensor;
  /** Where in the input a pixel of the maps looks. */
  readonly field: ReceptiveField | undefined;
}

/**
 * Runs a network up to its last feature maps, one a class.
 *
 * @param net - a network that ends in `AdaptiveAvgPool2d([1, 1])` and `Flatten`, as NinNet does
 * @param images - [N, C, H, W]
 * @throws NinError if the network ends otherwise
 * @see Lin, Chen & Yan 2013, "Network In Network", section 3.2 (arXiv:1312.4400)
 */
export async function classMaps(
  net: Sequential,
  images: TensorLike,
  { device }: { readonly device?: Device | undefined } = {},
): Promise<ClassMaps> {
  const { layers, field } = mapLayersOf(net);
  const maps = await layers.forward(images, { device });
  const [count, classes, height, width] = maps.shape as [number, number, number, number];
  const logits = Tensor.zeros([count, classes]);
  const pixels = height * width;
  for (let i = 0; i < logits.data.length; i++) {
    let sum = 0;
    for (let j = 0; j < pixels; j++) sum += maps.data[i * pixels + j]!;
    logits.data[i] = sum / pixels;
  }
  return { maps, logits, field };
}

interface MapLayers {
  readonly layers: Sequential;
  readonly field: ReceptiveField | undefined;
}

/** Kept with the network, so that its program is compiled once. */
const known = new WeakMap<Sequential, MapLayers>();

function mapLayersOf(net: Sequential): MapLayers {
  let entry = known.get(net);
  if (entry === undefined) {
    const reason = whyNoClassMaps(net);
    if (reason !== undefined) throw new NinError(`classMaps: ${reason}`);
    const layers = new Sequential(...net.layers.slice(0, -2));
    entry = { layers, field: receptiveField(layers) };
    known.set(net, entry);
  }
  return entry;
}

/** Why a network's class scores are not the averages of one map a class, in one sentence or two; undefined if they are. */
export function whyNoClassMaps(net: Layer): string | undefined {
  const [average, flatten] = net instanceof Sequential ? [net.at(-2), net.at(-1)] : [];
  const isAverage = average instanceof AdaptiveAvgPool2d && average.height === 1 && average.width === 1;
  if (isAverage && flatten instanceof Flatten) return undefined;
  const end = net instanceof Sequential ? `${average} and ${flatten}` : net.kind;
  return (
    `got a network that ends in ${end}, expected AdaptiveAvgPool2d([1, 1]) and Flatten. ` +
    "Only then are class scores the averages of maps."
  );
}

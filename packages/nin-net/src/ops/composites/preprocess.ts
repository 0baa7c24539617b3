/** {@link Preprocessing} as part of a graph. */
import type { Preprocessing } from "../../core/image-spec.ts";
import { affineOf } from "../../core/preprocessing.ts";
import { input, type Node } from "../../graph/node.ts";
import { addBias } from "../add-bias.ts";
import { fromBytes } from "../from-bytes.ts";
import { resizeBilinear } from "../resize-bilinear.ts";
import { scaleChannels } from "../scale-channels.ts";

/**
 * Bytes as the network sees them: divided by 255, normalised, resized. Normalisation comes before the resize, with
 * which it commutes: there are fewer pixels there, and the resize can be folded into the convolution after it.
 *
 * pixels u8 [N, H, W, C] -> y [N, height, width, C]
 *
 * Where there is a mean or a standard deviation, the graph takes {@link preprocessingInputs} too.
 *
 * @param augment - changes the images as stored, divided by 255, before anything else
 * @param affine - of a graph that preprocesses more than once: the same each time
 */
export function preprocess(
  pixels: Node,
  preprocessing: Preprocessing,
  augment: (x: Node) => Node = (x) => x,
  affine: AffineNodes | null = affineNodes(preprocessing, pixels.type.shape[3]!),
): Node {
  const [, h, w] = pixels.type.shape;
  let x = augment(fromBytes(pixels));
  if (affine !== null) x = addBias(scaleChannels(x, affine.scale), affine.shift);
  const [height, width] = preprocessing.resize ?? [h!, w!];
  return height === h && width === w ? x : resizeBilinear(x, { height, width });
}

/** What normalisation multiplies each channel by, and then adds. */
export interface AffineNodes {
  /** [C] */
  readonly scale: Node;
  /** [C] */
  readonly shift: Node;
}

/** The inputs of a graph that normalises; null if it does not. */
export function affineNodes(preprocessing: Preprocessing, channels: number): AffineNodes | null {
  if (affineOf(preprocessing) === null) return null;
  return {
    scale: input("pixelScale", [channels], "f32", "step"),
    shift: input("pixelShift", [channels], "f32", "step"),
  };
}

/** Values of the inputs that {@link preprocess} adds to a graph, by name; none without normalisation. */
export function preprocessingInputs(preprocessing: Preprocessing): Record<string, ChannelValues> {
  const affine = affineOf(preprocessing);
  if (affine === null) return {};
  return { pixelScale: channelValues(affine.scale), pixelShift: channelValues(affine.shift) };
}

/** One value a channel, in float32. */
interface ChannelValues {
  /** [C] */
  readonly shape: readonly number[];
  /** Element type. */
  readonly dtype: "f32";
  /** The values, by channel. */
  readonly data: Float32Array<ArrayBuffer>;
}

function channelValues(values: readonly number[]): ChannelValues {
  return { shape: [values.length], dtype: "f32", data: Float32Array.from(values) };
}

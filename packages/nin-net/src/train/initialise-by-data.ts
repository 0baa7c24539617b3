import type { CompileOptions, Device, DeviceState, HostTensor } from "../backends/backend.ts";
import { preprocessedShape } from "../core/preprocessing.ts";
import { type Graph, input, type Node } from "../graph/node.ts";
import { mixesImages } from "../graph/slices.ts";
import { defaultDevice } from "../nn/default-device.ts";
import type { Layer } from "../nn/layer.ts";
import { Conv2d } from "../nn/layers/conv2d.ts";
import { weightToEngine } from "../nn/layout.ts";
import type { Parameter } from "../nn/parameter.ts";
import { DeviceParameters, type TraceContext, traceContext } from "../nn/trace.ts";
import { sumPixels } from "../ops/add-bias.ts";
import { preprocess, preprocessingInputs } from "../ops/composites/preprocess.ts";
import { square } from "../ops/pointwise/arithmetic.ts";
import { sumSlices } from "../ops/sum-slices.ts";
import type { PixelBatch } from "./batch-source.ts";
import { sliceSizeFor } from "./slice-size.ts";

/** How {@link initialiseByData} runs. */
export interface DataInitialisationOptions {
  /** Default: the CPU device that all calls share. */
  readonly device?: Device | undefined;
  /** Images a slice; default: `sliceSizeFor`. */
  readonly slice?: number | undefined;
  /** Rejects with the signal's reason before the next layer; the network is left as it was. */
  readonly signal?: AbortSignal | undefined;
}

/** The second time, sums of squares are of values near 0 and 1, and rounding no longer shows. */
const rounds = 2;
/** A variance below this share of the mean square is rounding: the channel is constant. */
const leastVariance = 1e-6;

/**
 * Scales the weights of each convolution, and shifts its bias if it has one, so that each of its channels has mean 0 and
 * variance 1 over a batch of images: layer by layer, in the order of the data, each with those before it done. In
 * evaluation mode; what the layers between have, such as normalizations, stays. A channel that is constant is not scaled.
 *
 *     const [[images]] = trainIter.batches(0);
 *     await initialiseByData(net, images, { device });
 *
 * @throws ShapeError if the network cannot take the images
 * @see Krähenbühl, Doersch, Donahue & Darrell 2016, "Data-dependent initializations of convolutional neural networks"
 *   (arXiv:1511.06856), section 3.1
 * @see Mishkin & Matas 2016, "All you need is a good init" (arXiv:1511.06422), which scales whole layers
 */
export async function initialiseByData(
  net: Layer,
  images: PixelBatch,
  options: DataInitialisationOptions = {},
): Promise<void> {
  const device = options.device ?? (await defaultDevice());
  const parameters = new DeviceParameters(net);
  using state = await device.createState(parameters.values());
  const tapped = (count: number) => traceConvolutions(net, parameters, images, count);
  const found = new Map<Parameter, Float32Array>();
  for (const [layer, { type }] of tapped(1)) {
    options.signal?.throwIfAborted();
    const { weight, bias } = layer;
    const own = { weight: weight.data.slice(), bias: bias?.data.slice() };
    const trace = (count: number): Graph => statisticsGraph(tapped(count).get(layer)!);
    using program = device.compile(trace, state, compileOptions(net, images, device, trace(1), options));
    const count = images.pixels.length / (images.height * images.width * images.channels);
    const [, height, width] = type.shape as [number, number, number, number];
    for (let round = 0; round < rounds; round++) {
      const { sum, squares } = await program.run(inputsOf(images, count));
      standardise(own, sum!.data, squares!.data, count * height * width);
      await write(state, parameters, weight, own.weight);
      if (bias && own.bias) await write(state, parameters, bias, own.bias);
    }
    found.set(weight, own.weight);
    if (bias && own.bias) found.set(bias, own.bias);
  }
  for (const [parameter, values] of found) parameter.data = values;
}

/** The output of each convolution, in the order of the data; of one that is used twice, the first. */
function traceConvolutions(
  net: Layer,
  parameters: DeviceParameters,
  images: PixelBatch,
  count: number,
): Map<Conv2d, Node> {
  const found = new Map<Conv2d, Node>();
  const context: TraceContext = {
    ...traceContext("eval", parameters),
    layer(layer, x) {
      const y = layer.trace(x, context);
      if (layer instanceof Conv2d && !found.has(layer)) found.set(layer, y);
      return y;
    },
  };
  const { height, width, channels, preprocessing } = images;
  const pixels = input("pixels", [count, height, width, channels], "u8", "slice");
  context.layer(net, preprocess(pixels, preprocessing));
  return found;
}

/**
 * Outputs: `sum` [C] over the batch of each channel, and `squares` [C] of its squares.
 *
 * @param y - [n, H, W, C]
 */
function statisticsGraph(y: Node): Graph {
  const outputs = { sum: sumSlices(sumPixels(y)), squares: sumSlices(sumPixels(square(y))) };
  return { outputs, updates: new Map() };
}

function inputsOf(images: PixelBatch, count: number): Record<string, HostTensor> {
  const { height, width, channels, pixels, preprocessing } = images;
  return {
    pixels: { shape: [count, height, width, channels], dtype: "u8", data: pixels },
    ...preprocessingInputs(preprocessing),
  };
}

/** Changes weights, [Cout, ...], and biases, [Cout], so that what gave these sums gets mean 0 and variance 1. */
function standardise(
  { weight, bias }: { readonly weight: Float32Array; readonly bias: Float32Array | undefined },
  sums: HostTensor["data"],
  squares: HostTensor["data"],
  values: number,
): void {
  const channels = sums.length;
  const taps = weight.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    const mean = sums[channel]! / values;
    const meanSquare = squares[channel]! / values;
    const variance = meanSquare - mean ** 2;
    const scale = variance > leastVariance * meanSquare ? 1 / Math.sqrt(variance) : 1;
    for (let i = channel * taps; i < (channel + 1) * taps; i++) weight[i]! *= scale;
    if (bias) bias[channel] = (bias[channel]! - mean) * scale;
  }
}

async function write(
  state: DeviceState,
  parameters: DeviceParameters,
  parameter: Parameter,
  values: Float32Array,
): Promise<void> {
  await state.write(parameters.node(parameter).name, weightToEngine(parameter.shape, values));
}

/** As for a training step: on the CPU the result depends on the slices. */
function compileOptions(
  net: Layer,
  images: PixelBatch,
  device: Device,
  graph: Graph,
  { slice }: DataInitialisationOptions,
): CompileOptions {
  if (device.kind === "gpu" && !mixesImages(graph)) return {};
  return { sliceSize: slice ?? sliceSizeFor(net, preprocessedShape(images, images.preprocessing)) };
}

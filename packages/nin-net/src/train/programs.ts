/** The graphs of training and evaluation: pixels and labels in, updated weights and measures out. */

import type { HostTensor } from "../backends/backend.ts";
import { formatShape, ShapeError } from "../core/errors.ts";
import { gradients } from "../graph/autodiff.ts";
import { type Graph, input, type Node, type StateNode, state } from "../graph/node.ts";
import type { Layer } from "../nn/layer.ts";
import { crossEntropy, type Loss } from "../nn/losses.ts";
import { type DeviceParameters, type Mode, traceContext } from "../nn/trace.ts";
import { add } from "../ops/add.ts";
import { countCorrect } from "../ops/count-correct.ts";
import { fromBytes } from "../ops/from-bytes.ts";
import { resizeBilinear } from "../ops/resize-bilinear.ts";
import { scaleBy } from "../ops/scale-by.ts";
import { sumAll } from "../ops/sum-all.ts";
import { sumSlices } from "../ops/sum-slices.ts";
import type { PixelBatch } from "./batch-source.ts";

/** Sizes of the images that a program takes. */
export interface ImageSizes {
  /** As stored. */
  readonly height: number;
  readonly width: number;
  /** Height and width that the network sees; undefined: as stored. */
  readonly resize: number | undefined;
}

/** One over the number of images in the batch. */
const inverseBatch = input("inverseBatch", [1], "f32", "step");
/** The learning rate with its sign turned: weights move against the gradient. */
const minusLearningRate = input("minusLearningRate", [1], "f32", "step");
const momentum = input("momentum", [1], "f32", "step");

/** Values of the inputs above and of the random key, for one step. */
export interface StepSettings {
  readonly lr: number;
  readonly momentum: number;
  readonly seed: number;
  /** From 0. */
  readonly epoch: number;
  /** From 0, within the epoch. */
  readonly step: number;
}

/** Name of the state that holds a parameter's momentum. */
export function momentumName(parameter: string): string {
  return `momentum.${parameter}`;
}

/** The momenta at the start: zeros, in the engine's layout. */
export function initialMomenta(parameters: DeviceParameters): Record<string, HostTensor> {
  return Object.fromEntries(
    parameters.nodes.map(({ name, type: { shape } }) => [
      momentumName(name),
      { shape, dtype: "f32", data: new Float32Array(shape.reduce((size, length) => size * length, 1)) },
    ]),
  );
}

/**
 * One step of stochastic gradient descent on the mean loss, cross-entropy by default, as PyTorch's SGD does it:
 * v = momentum v + gradient; w = w - lr v.
 *
 * Outputs: `lossSum` [1] in nats and `correct` [1], both summed over the batch.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export function trainGraph(
  net: Layer,
  parameters: DeviceParameters,
  images: number,
  sizes: ImageSizes,
  withMomentum: boolean,
  loss?: Loss,
): Graph {
  const { lossSum, correct, buffers } = measure(net, parameters, images, sizes, "train", loss);
  const slopes = gradientsOf(lossSum, parameters);
  const updates = new Map<StateNode, Node>(buffers);
  parameters.nodes.forEach((weight, index) => {
    let step = slopes[index]!;
    if (withMomentum) {
      const velocity = state(momentumName(weight.name), weight.type.shape);
      step = add(scaleBy(velocity, momentum), step);
      updates.set(velocity, step);
    }
    updates.set(weight, add(weight, scaleBy(step, minusLearningRate)));
  });
  return { outputs: { lossSum, correct }, updates };
}

/**
 * The gradients of the mean loss, one output for each parameter under its name, in the engine's
 * layout; with `lossSum`, `correct` and `logits` [N, classes].
 */
export function gradientGraph(
  net: Layer,
  parameters: DeviceParameters,
  images: number,
  sizes: ImageSizes,
  loss?: Loss,
): Graph {
  const { lossSum, correct, logits } = measure(net, parameters, images, sizes, "train", loss);
  const slopes = gradientsOf(lossSum, parameters);
  const named = parameters.nodes.map(({ name }, index) => [name, slopes[index]!] as const);
  return { outputs: { lossSum, correct, logits, ...Object.fromEntries(named) }, updates: new Map() };
}

/** Outputs: `lossSum` [1], `correct` [1] and `logits` [N, classes], in evaluation mode. */
export function evaluationGraph(
  net: Layer,
  parameters: DeviceParameters,
  images: number,
  sizes: ImageSizes,
  loss?: Loss,
): Graph {
  const { lossSum, correct, logits } = measure(net, parameters, images, sizes, "eval", loss);
  return { outputs: { lossSum, correct, logits }, updates: new Map() };
}

/** Every input of the graphs above, for one batch; programs take those they use. */
export function batchInputs(
  images: PixelBatch,
  labels: Uint8Array,
  settings: StepSettings,
): Record<string, HostTensor> {
  const scalar = (value: number): HostTensor => ({ shape: [1], dtype: "f32", data: Float32Array.of(value) });
  return {
    pixels: { shape: [labels.length, images.height, images.width, 1], dtype: "u8", data: images.pixels },
    labels: { shape: [labels.length], dtype: "u8", data: labels },
    randomKey: {
      shape: [3],
      dtype: "u32",
      data: Uint32Array.of(settings.seed, settings.epoch, settings.step),
    },
    inverseBatch: scalar(1 / labels.length),
    minusLearningRate: scalar(-settings.lr),
    momentum: scalar(settings.momentum),
  };
}

/**
 * How many classes a network tells apart on grey images of these sizes.
 *
 * @throws ShapeError if a layer cannot take its input or the result is not one row of scores an image
 */
export function classCount(net: Layer, { height, width, resize }: ImageSizes): number {
  const shape = net.outputShape([1, 1, resize ?? height, resize ?? width]);
  if (shape.length !== 2) {
    throw new ShapeError(net.kind, {
      got: `output ${formatShape(shape)} for one image`,
      want: "[N, classes]",
      fix: "End the network with Flatten, or with Flatten and Linear.",
    });
  }
  return shape[1]!;
}

/** @throws ShapeError if a batch cannot be learned from */
export function checkBatch(net: Layer, images: PixelBatch, labels: Uint8Array, classes: number): void {
  const { height, width, pixels } = images;
  if (labels.length === 0 || pixels.length !== labels.length * height * width) {
    throw new ShapeError("batch", {
      got: `${pixels.length} pixels and ${labels.length} labels`,
      want: `${height * width} pixels for each label, and at least one`,
      fix: "Give one label an image.",
    });
  }
  const largest = labels.reduce((a, b) => Math.max(a, b), 0);
  if (largest >= classes) {
    throw new ShapeError(net.kind, {
      got: `label ${largest}`,
      want: `labels of 0 to ${classes - 1}, since the network gives ${classes} scores`,
      fix: "Make the network with as many classes as the data set has.",
    });
  }
}

function measure(
  net: Layer,
  parameters: DeviceParameters,
  images: number,
  { height, width, resize }: ImageSizes,
  mode: Mode,
  loss: Loss = crossEntropy,
): { lossSum: Node; correct: Node; logits: Node; buffers: ReadonlyMap<StateNode, Node> } {
  const labels = input("labels", [images], "u8", "slice");
  let x: Node = fromBytes(input("pixels", [images, height, width, 1], "u8", "slice")); // [n, H, W, 1]
  if (resize !== undefined && (resize !== height || resize !== width)) {
    x = resizeBilinear(x, { height: resize, width: resize });
  }
  const context = traceContext(mode, parameters);
  const logits = net.trace(x, context); // [n, classes]
  return {
    lossSum: sumSlices(sumAll(loss(logits, labels))),
    correct: sumSlices(sumAll(countCorrect(logits, labels))),
    logits,
    buffers: context.updates,
  };
}

/** Gradients of the batch's mean loss: the sum's, seeded with one over the number of images. */
function gradientsOf(lossSum: Node, parameters: DeviceParameters): Node[] {
  return gradients(lossSum, parameters.nodes, inverseBatch).map((slope) => sumSlices(slope));
}

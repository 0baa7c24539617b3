/** The graphs of training and evaluation: pixels and labels in, updated weights and measures out. */

import { augment } from "../augment/augment.ts";
import type { Augmentation } from "../augment/augmentation.ts";
import type { HostTensor } from "../backends/backend.ts";
import { formatShape, NinError, ShapeError } from "../core/errors.ts";
import { checkBytes, checkStoredImage } from "../core/image-spec.ts";
import { preprocessedShape } from "../core/preprocessing.ts";
import type { Labels } from "../data/dataset.ts";
import { gradients } from "../graph/autodiff.ts";
import { type Graph, gradientSeed, input, type Node, type StateNode, sizeOf, state } from "../graph/node.ts";
import type { Layer } from "../nn/layer.ts";
import { crossEntropy, type Loss } from "../nn/losses.ts";
import { type DeviceParameters, type Mode, randomKey, traceContext } from "../nn/trace.ts";
import { affineNodes, preprocess, preprocessingInputs } from "../ops/composites/preprocess.ts";
import { countCorrect } from "../ops/count-correct.ts";
import { definePointwise } from "../ops/pointwise/pointwise.ts";
import { sumAll } from "../ops/sum-all.ts";
import { sumSlices } from "../ops/sum-slices.ts";
import { type AverageScalars, averageScalars, averageWeights } from "../optim/average-weights.ts";
import { clipGradients } from "../optim/clip-gradients.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { PixelBatch } from "./batch-source.ts";

/** The images that a program takes, as stored, and how the network sees them. */
export type ImageInput = Pick<PixelBatch, "channels" | "height" | "width" | "preprocessing">;

/** The weights of classes in the loss, [K]. */
export function classWeightsNode(classes: number): Node {
  return input("classWeights", [classes], "f32", "step");
}

/**
 * The inputs of a weighted loss, whose mean over a batch is taken by the weights of its labels, as in PyTorch.
 *
 * @throws ShapeError if there is not one weight a class, or none of the labels has any
 */
export function classWeightInputs(
  weights: readonly number[],
  labels: Labels,
  classes: number,
): Record<string, HostTensor> {
  if (weights.length !== classes) {
    throw new ShapeError("class weights", {
      got: `${weights.length} of them`,
      want: `${classes}, one for each score of the network`,
      fix: "Give each class a weight.",
    });
  }
  let total = 0;
  for (const label of labels) total += weights[label]!;
  return {
    classWeights: { shape: [classes], dtype: "f32", data: Float32Array.from(weights) },
    // Nothing is learned from a batch of classes that have no weight.
    inverseBatch: scalar(total === 0 ? 0 : 1 / total),
  };
}

/** One over the number of images in the batch: the gradient of their mean loss with respect to the sum. */
const inverseBatch = gradientSeed("inverseBatch", [1]);

/** What a training step is made of besides the network. */
export interface TrainingGraphOptions {
  /** Default: cross-entropy. */
  readonly loss?: Loss | undefined;
  /** What training images go through, in this order; default: nothing. */
  readonly augmentations?: readonly Augmentation[] | undefined;
  /** The largest norm of all gradients of a step together; larger ones are scaled down. Default: none. */
  readonly clip?: number | undefined;
  /** Share of the averages of weights and buffers that each step keeps; default: there are none. */
  readonly ema?: number | undefined;
}

/** Where a step stands in its run: what dropout draws depends on it. */
export interface StepPosition {
  /** Of the run. */
  readonly seed: number;
  /** From 0. */
  readonly epoch: number;
  /** From 0, within the epoch. */
  readonly step: number;
}

/** Name of a tensor that the optimiser keeps for a weight, on the device and in checkpoints. */
export function optimizerStateName(stateName: string, weight: string): string {
  return `optimizer.${stateName}.${weight}`;
}

/** What the optimiser keeps, before the first step: zeros, in the engine's layout. */
export function initialOptimizerState(
  { stateNames }: Optimizer,
  parameters: DeviceParameters,
): Record<string, HostTensor> {
  return Object.fromEntries(
    stateNames.flatMap((stateName) =>
      parameters.nodes.map(({ name, type: { shape } }) => [
        optimizerStateName(stateName, name),
        { shape, dtype: "f32", data: new Float32Array(sizeOf(shape)) },
      ]),
    ),
  );
}

/** The inputs for the numbers of an optimiser's step, and of the averages. */
export function scalarInputs(scalars: Readonly<Record<string, number>>): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [scalarName(name), scalar(value)]),
  );
}

function scalarName(name: string): string {
  return `optimizer.${name}`;
}

function scalar(value: number): HostTensor {
  return { shape: [1], dtype: "f32", data: Float32Array.of(value) };
}

/**
 * One step of training on the mean loss, cross-entropy by default.
 *
 * Outputs: `lossSum` [1] in nats and `correct` [1], both summed over the batch.
 */
export function trainGraph(
  net: Layer,
  parameters: DeviceParameters,
  count: number,
  images: ImageInput,
  optimizer: Optimizer,
  options: TrainingGraphOptions = {},
): Graph {
  const { lossSum, correct, buffers } = measure(net, parameters, count, images, "train", options);
  const slopes = clipGradients(gradientsOf(lossSum, parameters), options.clip);
  const updates = new Map<StateNode, Node>(buffers);
  // Which numbers there are does not depend on the step.
  const scalars = Object.fromEntries(
    Object.keys(optimizer.scalars({ lr: 1, step: 0 })).map((name) => [
      name,
      input(scalarName(name), [1], "f32", "step"),
    ]),
  );
  parameters.nodes.forEach((weight, index) => {
    const kept = optimizer.stateNames.map(
      (name) => [name, state(optimizerStateName(name, weight.name), weight.type.shape)] as const,
    );
    const next = optimizer.update({
      weight,
      gradient: slopes[index]!,
      state: Object.fromEntries(kept),
      scalars,
    });
    for (const [name, node] of kept) updates.set(node, updatedState(optimizer, name, next.state));
    updates.set(weight, next.weight);
  });
  if (options.ema !== undefined) {
    const latest = new Map(
      parameters.all.map(([, values]) => {
        const node = parameters.node(values);
        return [node, updates.get(node) ?? node];
      }),
    );
    for (const [mean, next] of averageWeights(latest, averageInputs(options.ema))) updates.set(mean, next);
  }
  return { outputs: { lossSum, correct }, updates };
}

/** The scalars of averages as nodes. */
function averageInputs(decay: number): Record<keyof AverageScalars, Node> {
  const names = Object.keys(averageScalars(decay, 0)) as (keyof AverageScalars)[];
  const nodes = names.map((name) => [name, input(scalarName(name), [1], "f32", "step")] as const);
  return Object.fromEntries(nodes) as Record<keyof AverageScalars, Node>;
}

/**
 * The gradients of the mean loss, one output for each parameter under its name, in the engine's
 * layout; with `lossSum`, `correct` and `logits` [N, classes].
 */
export function gradientGraph(
  net: Layer,
  parameters: DeviceParameters,
  count: number,
  images: ImageInput,
  options: TrainingGraphOptions = {},
): Graph {
  const { lossSum, correct, logits } = measure(net, parameters, count, images, "train", options);
  const slopes = gradientsOf(lossSum, parameters);
  const named = parameters.nodes.map(({ name }, index) => [name, slopes[index]!] as const);
  return { outputs: { lossSum, correct, logits, ...Object.fromEntries(named) }, updates: new Map() };
}

/** How a network is evaluated. */
export interface EvaluationGraphOptions {
  /** Default: cross-entropy. */
  readonly loss?: Loss | undefined;
  /** Whether the scores of each image are averaged with those of its mirror image, input `mirrored`. Default: false */
  readonly flips?: boolean | undefined;
}

/** Outputs: `lossSum` [1], `correct` [1] and `logits` [N, classes], in evaluation mode. */
export function evaluationGraph(
  net: Layer,
  parameters: DeviceParameters,
  count: number,
  images: ImageInput,
  options: EvaluationGraphOptions = {},
): Graph {
  const { lossSum, correct, logits } = measure(net, parameters, count, images, "eval", options);
  return { outputs: { lossSum, correct, logits }, updates: new Map() };
}

/** Every input of the graphs above but the optimiser's, for one batch; programs take those they use. */
export function batchInputs(
  images: PixelBatch,
  labels: Labels,
  position: StepPosition,
): Record<string, HostTensor> {
  return {
    pixels: {
      shape: [labels.length, images.height, images.width, images.channels],
      dtype: "u8",
      data: images.pixels,
    },
    labels: { shape: [labels.length], dtype: "u32", data: Uint32Array.from(labels) },
    ...preprocessingInputs(images.preprocessing),
    randomKey: {
      shape: [3],
      dtype: "u32",
      data: Uint32Array.of(position.seed, position.epoch, position.step),
    },
    inverseBatch: scalar(1 / labels.length),
  };
}

/**
 * How many classes a network tells apart on such images.
 *
 * @throws ShapeError if a layer cannot take its input or the result is not one row of scores an image
 */
export function classCount(net: Layer, images: ImageInput): number {
  const shape = net.outputShape([1, ...preprocessedShape(images, images.preprocessing)]);
  if (shape.length !== 2) {
    throw new ShapeError(net.kind, {
      got: `output ${formatShape(shape)} for one image`,
      want: "[N, classes]",
      fix: "End the network with Flatten, or with Flatten and Linear.",
    });
  }
  return shape[1]!;
}

/** @throws ShapeError unless a batch has images as stored, of a known size, and as many labels */
export function checkBatch(images: PixelBatch, labels: Labels): void {
  const { pixels } = images;
  if (!(pixels instanceof Uint8Array)) {
    throw new ShapeError("batch", {
      got: "images without their bytes",
      want: "images as stored, in pixels, with channels, height, width and preprocessing",
      fix: "Take batches from a DataIterator, or make them with imageBatch.",
    });
  }
  checkStoredImage("batch", images);
  if (labels.length === 0) {
    throw new ShapeError("batch", {
      got: "no labels",
      want: "at least one image and its label",
      fix: "Leave empty batches out.",
    });
  }
  checkBytes("batch", pixels, labels, images);
}

/** @throws ShapeError if a label is none of the classes */
export function checkLabels(net: Layer, labels: Labels, classes: number): void {
  let largest = 0;
  for (const label of labels) largest = Math.max(largest, label);
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
  count: number,
  images: ImageInput,
  mode: Mode,
  options: TrainingGraphOptions & EvaluationGraphOptions,
): { lossSum: Node; correct: Node; logits: Node; buffers: ReadonlyMap<StateNode, Node> } {
  const { loss = crossEntropy, augmentations = [], flips = false } = options;
  const labels = input("labels", [count], "u32", "slice");
  const { channels, height, width, preprocessing } = images;
  const context = traceContext(mode, parameters);
  const affine = affineNodes(preprocessing, channels);
  const scores = (name: string): Node => {
    const pixels = input(name, [count, height, width, channels], "u8", "slice");
    const augmented = (x: Node): Node => augment(x, augmentations, randomKey);
    const x = preprocess(pixels, preprocessing, augmented, affine); // [n, H, W, C]
    return net.trace(x, context); // [n, classes]
  };
  const logits = flips ? meanOfTwo(scores("pixels"), scores("mirrored")) : scores("pixels");
  return {
    lossSum: sumSlices(sumAll(loss(logits, labels))),
    correct: sumSlices(sumAll(countCorrect(logits, labels))),
    logits,
    buffers: context.updates,
  };
}

const meanOfTwo = definePointwise("meanOfTwo", (a, b) => a.add(b).mul(0.5));

/** @throws NinError if the update leaves out what the optimiser said it keeps */
function updatedState(optimizer: Optimizer, name: string, state: Readonly<Record<string, Node>>): Node {
  const value = state[name];
  if (value !== undefined) return value;
  throw new NinError(
    `optimizer ${optimizer.name}: the update gives no new value of "${name}", expected one for each of ` +
      `${optimizer.stateNames.join(", ")}. Return it, or leave it out of stateNames.`,
  );
}

/** Gradients of the batch's mean loss: the sum's, seeded with one over the number of images. */
function gradientsOf(lossSum: Node, parameters: DeviceParameters): Node[] {
  return gradients(lossSum, parameters.nodes, inverseBatch).map((slope) => sumSlices(slope));
}

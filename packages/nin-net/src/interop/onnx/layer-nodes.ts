import { NinError } from "../../core/errors.ts";
import type { Layer } from "../../nn/layer.ts";
import { describeLayer, inside, type LayerPath } from "../../nn/layer-path.ts";
import { AdaptiveAvgPool2d } from "../../nn/layers/adaptive-avg-pool-2d.ts";
import { AvgPool2d } from "../../nn/layers/avg-pool-2d.ts";
import { BatchNorm2d } from "../../nn/layers/batch-norm-2d.ts";
import { Conv2d } from "../../nn/layers/conv2d.ts";
import { Dropout } from "../../nn/layers/dropout.ts";
import { Flatten } from "../../nn/layers/flatten.ts";
import { GroupNorm } from "../../nn/layers/group-norm.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { MaxPool2d } from "../../nn/layers/max-pool-2d.ts";
import type { Pool2d } from "../../nn/layers/pool-2d.ts";
import { ReLU } from "../../nn/layers/relu.ts";
import { Sequential } from "../../nn/layers/sequential.ts";
import { Sigmoid } from "../../nn/layers/sigmoid.ts";
import { Tanh } from "../../nn/layers/tanh.ts";
import type { LayerBuffer, Parameter } from "../../nn/parameter.ts";
import type { OnnxGraph } from "./onnx-graph.ts";

/** Where a layer's nodes go. */
export interface LayerContext {
  readonly graph: OnnxGraph;
  /** Name of each parameter and buffer in `stateDict`. */
  readonly names: ReadonlyMap<Parameter | LayerBuffer, string>;
  readonly place: LayerPath;
}

/**
 * Adds a layer, as it works in evaluation mode, to a graph.
 *
 * @param x - name of the value that it takes
 * @param shape - of that value, in PyTorch's order
 * @returns the name of the value that it makes
 * @throws NinError if ONNX has no op that does what the layer does
 * @see https://onnx.ai/onnx/operators/
 */
export function addLayer(layer: Layer, x: string, shape: readonly number[], context: LayerContext): string {
  const { graph, place } = context;
  const name = place.path === "" ? layer.kind : `${place.path}.${layer.kind}`;
  if (layer instanceof Sequential) {
    let last = { x, shape };
    layer.layers.forEach((child, index) => {
      last = {
        x: addLayer(child, last.x, last.shape, { ...context, place: inside(place, index) }),
        shape: child.outputShape(last.shape),
      };
    });
    return last.x;
  }
  if (layer instanceof Conv2d) {
    return graph.add("Conv", name, [x, ...addParameters(layer, context)], window(layer));
  }
  if (layer instanceof Linear) {
    return graph.add("Gemm", name, [x, ...addParameters(layer, context)], { transB: 1 });
  }
  if (layer instanceof MaxPool2d) return graph.add("MaxPool", name, [x], window(layer, reach(layer, shape)));
  if (layer instanceof AvgPool2d) return addAvgPool(layer, x, shape, name, graph);
  if (layer instanceof BatchNorm2d) return addBatchNorm(layer, x, name, context);
  if (layer instanceof GroupNorm) return addGroupNorm(layer, x, shape, name, context);
  if (layer instanceof Sigmoid) return graph.add("Sigmoid", name, [x]);
  if (layer instanceof Tanh) return graph.add("Tanh", name, [x]);
  if (layer instanceof ReLU) return graph.add("Relu", name, [x]);
  if (layer instanceof Flatten) return graph.add("Flatten", name, [x], { axis: 1 });
  if (layer instanceof Dropout) return x; // in evaluation mode it does nothing
  if (layer instanceof AdaptiveAvgPool2d) return addAverage(layer, x, shape, name, context);
  throw new NinError(
    `${describeLayer(layer.kind, place)}: got a layer of your own, expected those of this package. ` +
      "Build it of these, so that ONNX has a word for it.",
  );
}

function addParameters(layer: Layer, context: LayerContext): string[] {
  return layer.parameters.map((parameter) => addValues(parameter, context));
}

function addValues(values: Parameter | LayerBuffer, { graph, names }: LayerContext): string {
  return graph.floats(names.get(values)!, values.shape, values.data);
}

/** The same number for each channel; shared by all layers that ask for it. */
function addConstant(value: number, count: number, { graph }: LayerContext): string {
  return graph.floats(`constant.${value}.${count}`, [count], new Float32Array(count).fill(value));
}

function addBatchNorm(layer: BatchNorm2d, x: string, name: string, context: LayerContext): string {
  const { weight, bias, numFeatures, runningMean, runningVar } = layer;
  const inputs = [
    weight ? addValues(weight, context) : addConstant(1, numFeatures, context),
    bias ? addValues(bias, context) : addConstant(0, numFeatures, context),
    addValues(runningMean, context),
    addValues(runningVar, context),
  ];
  return context.graph.add("BatchNormalization", name, [x, ...inputs], { epsilon: { float: layer.eps } });
}

/** Groups as the channels of an instance normalization, then a factor and a shift for each channel. */
function addGroupNorm(
  layer: GroupNorm,
  x: string,
  shape: readonly number[],
  name: string,
  context: LayerContext,
): string {
  const { graph } = context;
  const { weight, bias, numGroups, numChannels } = layer;
  const groups = graph.add("Reshape", `${name}.groups`, [
    x,
    graph.integers(`${name}.groupShape`, [0, numGroups, -1]),
  ]);
  const units = [addConstant(1, numGroups, context), addConstant(0, numGroups, context)];
  const normalized = graph.add("InstanceNormalization", `${name}.normalize`, [groups, ...units], {
    epsilon: { float: layer.eps },
  });
  // -1 for the images, whose number is open.
  const whole = graph.integers(`${name}.shape`, [-1, ...shape.slice(1)]);
  const last = weight === null || bias === null ? name : `${name}.ungroup`;
  const y = graph.add("Reshape", last, [normalized, whole]);
  if (weight === null || bias === null) return y;
  const perChannel = [numChannels, 1, 1];
  const factor = graph.floats(context.names.get(weight)!, perChannel, weight.data);
  const shift = graph.floats(context.names.get(bias)!, perChannel, bias.data);
  return graph.add("Add", name, [graph.add("Mul", `${name}.scale`, [y, factor]), shift]);
}

/** @param beyond - pixels that the last windows reach beyond the padding, below and on the right */
function window({ kernelSize, stride, padding }: Conv2d | Pool2d, beyond: readonly number[] = [0, 0]) {
  return {
    kernel_shape: [kernelSize, kernelSize],
    strides: [stride, stride],
    pads: [padding, padding, ...beyond.map((pixels) => padding + pixels)],
  };
}

/** ONNX Runtime rounds up by another rule than PyTorch, so the pixels that windows miss are told as padding. */
function reach(layer: Pool2d, shape: readonly number[]): number[] {
  const counts = layer.outputShape(shape).slice(2);
  const { kernelSize, stride, padding } = layer;
  return counts.map((count, axis) =>
    Math.max(0, (count - 1) * stride + kernelSize - shape[2 + axis]! - 2 * padding),
  );
}

/** Zeros that count are added before, since what lies beyond them does not count. */
function addAvgPool(
  layer: AvgPool2d,
  x: string,
  shape: readonly number[],
  name: string,
  graph: OnnxGraph,
): string {
  const { padding, countIncludePad } = layer;
  const { kernel_shape, strides, pads } = window(layer, reach(layer, shape));
  if (!countIncludePad || padding === 0)
    return graph.add("AveragePool", name, [x], { kernel_shape, strides, pads });
  const amounts = graph.integers(`${name}.pads`, [0, 0, padding, padding, 0, 0, padding, padding]);
  const padded = graph.add("Pad", `${name}.pad`, [x, amounts]);
  const left = pads.map((pixels) => pixels - padding);
  return graph.add("AveragePool", name, [padded], { kernel_shape, strides, pads: left });
}

/** ONNX averages over windows of one size, so the image's size must be a multiple of the result's. */
function addAverage(
  layer: AdaptiveAvgPool2d,
  x: string,
  shape: readonly number[],
  name: string,
  { graph, place }: LayerContext,
): string {
  if (layer.height === 1 && layer.width === 1) return graph.add("GlobalAveragePool", name, [x]);
  const [, , height, width] = shape as [number, number, number, number];
  if (height % layer.height !== 0 || width % layer.width !== 0) {
    throw new NinError(
      `${describeLayer(layer.kind, place)}: got ${height}x${width} pixels for ${layer.height}x${layer.width} windows, ` +
        "expected windows of one size, the only ones that ONNX has. Choose another outputSize or input size.",
    );
  }
  const size = [height / layer.height, width / layer.width];
  return graph.add("AveragePool", name, [x], { kernel_shape: size, strides: size });
}

/** Which kernels each op becomes on a GPU. The table has one entry for each op; a missing one does not compile. */
import { type EpilogueStep, type OpNode, sizeOf } from "../../graph/node.ts";
import { type OpAttrs, type OpName, ops } from "../../ops/ops.ts";
import { transpose, winogradMatrices } from "../../ops/winograd/matrices.ts";
import { adaptiveAvgPool, adaptiveAvgPoolGrad, avgPool, avgPoolGrad } from "./kernels/average-pool.ts";
import { countCorrect, crossEntropy, crossEntropyGrad, oneHot } from "./kernels/classify.ts";
import {
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  polyphaseConv2d,
  polyphaseConv2dWeightGrad,
} from "./kernels/convolutions.ts";
import {
  add,
  addBias,
  expand,
  fromBytes,
  multiply,
  relu,
  reluGrad,
  scale,
  scaleChannels,
} from "./kernels/elementwise.ts";
import { acceptsSteps } from "./kernels/epilogue.ts";
import { maxPool, maxPoolGrad } from "./kernels/max-pool.ts";
import { padEdge } from "./kernels/pad-edge.ts";
import { permute } from "./kernels/permute.ts";
import { pointwise } from "./kernels/pointwise.ts";
import { randomErase, randomMask, randomMove } from "./kernels/random.ts";
import { resizeBilinear, resizeBilinearGrad } from "./kernels/resize-bilinear.ts";
import { sumPixels, sumPointwise } from "./kernels/sum-pixels.ts";
import { flipWeights, mixTaps } from "./kernels/weights.ts";
import { transformWeights, winogradConv2d, winogradConv2dWeightGrad } from "./kernels/winograd.ts";
import type { Lowering } from "./lowering.ts";

/** How an op is done. */
export interface Kernel<K extends OpName> {
  /** Adds the dispatches that compute the node. */
  readonly lower: (node: OpNode & { readonly attrs: OpAttrs<K> }, to: Lowering) => void;
  /** Epilogues that the kernel can end with; none if left out. */
  readonly epilogue?: (steps: readonly EpilogueStep[]) => boolean;
  /** Whether it can store 16-bit floats; every kernel can read them. */
  readonly storesF16?: boolean;
}

const kernels: { readonly [K in OpName]: Kernel<K> } = {
  fromBytes: { lower: fromBytes },
  resizeBilinear: { lower: resizeBilinear },
  resizeBilinearGrad: { lower: resizeBilinearGrad },

  conv2d: { lower: conv2d, epilogue: acceptsSteps, storesF16: true },
  conv2dInputGrad: { lower: conv2dInputGrad, epilogue: acceptsSteps, storesF16: true },
  conv2dWeightGrad: { lower: conv2dWeightGrad },

  padEdge: { lower: padEdge },
  mixTaps: { lower: mixTaps },
  polyphaseConv2d: { lower: polyphaseConv2d, epilogue: acceptsSteps, storesF16: true },
  polyphaseConv2dWeightGrad: { lower: polyphaseConv2dWeightGrad },

  winogradWeights: {
    lower: (node, to) => {
      const { weights } = winogradMatrices(node.attrs.tile, node.inputs[0]!.type.shape[0]!);
      transformWeights("winogradWeights", weights, node, to);
    },
  },
  winogradWeightsGrad: {
    lower: (node, to) => {
      const { weights } = winogradMatrices(node.attrs.tile, node.type.shape[0]!);
      transformWeights("winogradWeightsGradient", transpose(weights), node, to);
    },
  },
  winogradConv2d: { lower: winogradConv2d, epilogue: acceptsSteps, storesF16: true },
  winogradConv2dWeightGrad: { lower: winogradConv2dWeightGrad },
  flipWeights: { lower: flipWeights },

  maxPool2d: {
    lower: (node, to) => maxPool(node, to, node, to.twin(node, ops.maxPool2dIndex)),
    storesF16: true,
  },
  maxPool2dIndex: { lower: (node, to) => maxPool(node, to, to.twin(node, ops.maxPool2d), node) },
  maxPool2dGrad: { lower: maxPoolGrad, epilogue: acceptsSteps, storesF16: true },
  avgPool2d: { lower: avgPool },
  avgPool2dGrad: { lower: avgPoolGrad, epilogue: acceptsSteps },
  adaptiveAvgPool2d: { lower: adaptiveAvgPool },
  adaptiveAvgPool2dGrad: { lower: adaptiveAvgPoolGrad, epilogue: acceptsSteps },

  relu: { lower: relu, storesF16: true },
  reluGrad: { lower: reluGrad, storesF16: true },
  addBias: { lower: addBias, storesF16: true },
  add: { lower: add },
  mul: { lower: multiply, storesF16: true },
  scaleBy: { lower: scale },
  scaleChannels: { lower: scaleChannels, storesF16: true },
  pointwise: { lower: pointwise, storesF16: true },
  randomMask: { lower: randomMask },
  randomMove: { lower: randomMove },
  randomErase: { lower: randomErase },

  sumPixels: { lower: (node, to) => sumPixels(node, to, sizeOf(node.type.shape)) },
  sumPointwise: { lower: sumPointwise },
  sumAll: { lower: (node, to) => sumPixels(node, to, 1) },
  sumSlices: { lower: (node, to) => to.sumSlices(node) },
  expand: { lower: expand },

  reshape: { lower: (node, to) => to.alias(node, node.inputs[0]!) },
  permute: { lower: permute },

  crossEntropy: { lower: crossEntropy },
  crossEntropyGrad: { lower: crossEntropyGrad },
  countCorrect: { lower: countCorrect },
  oneHot: { lower: oneHot },
};

/** The kernel of a node's op. */
export function kernelOf(node: OpNode): Kernel<OpName> {
  return kernels[node.op.opName as OpName] as Kernel<OpName>;
}

/** Every op, by name. A backend's kernel table has exactly these keys. */

import type { AttrsOf } from "../graph/op.ts";
import { adaptiveAvgPool2d, adaptiveAvgPool2dGrad } from "./adaptive-avg-pool-2d.ts";
import { add } from "./add.ts";
import { addBias, sumPixels } from "./add-bias.ts";
import { avgPool2d, avgPool2dGrad } from "./avg-pool-2d.ts";
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from "./conv2d.ts";
import { countCorrect } from "./count-correct.ts";
import { crossEntropy, crossEntropyGrad } from "./cross-entropy.ts";
import { expand } from "./expand.ts";
import { fromBytes } from "./from-bytes.ts";
import { maxPool2d, maxPool2dGrad, maxPool2dIndex } from "./max-pool-2d.ts";
import { mixTaps } from "./mix-taps.ts";
import { mul } from "./mul.ts";
import { oneHot } from "./one-hot.ts";
import { padEdge } from "./pad-edge.ts";
import { permute } from "./permute.ts";
import { pointwise } from "./pointwise/pointwise.ts";
import { sumPointwise } from "./pointwise/sum-pointwise.ts";
import { polyphaseConv2d, polyphaseConv2dWeightGrad } from "./polyphase-conv2d.ts";
import { randomErase } from "./random-erase.ts";
import { randomMask } from "./random-mask.ts";
import { randomMove } from "./random-move.ts";
import { relu, reluGrad } from "./relu.ts";
import { reshape } from "./reshape.ts";
import { resizeBilinear, resizeBilinearGrad } from "./resize-bilinear.ts";
import { scaleBy } from "./scale-by.ts";
import { scaleChannels } from "./scale-channels.ts";
import { sumAll } from "./sum-all.ts";
import { sumSlices } from "./sum-slices.ts";
import {
  flipWeights,
  winogradConv2d,
  winogradConv2dWeightGrad,
  winogradWeights,
  winogradWeightsGrad,
} from "./winograd/winograd.ts";

export const ops = {
  // Images
  fromBytes,
  resizeBilinear,
  resizeBilinearGrad,
  // Convolution
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  // Convolution of an image that is enlarged first
  padEdge,
  mixTaps,
  polyphaseConv2d,
  polyphaseConv2dWeightGrad,
  // Convolution by Winograd's algorithm
  winogradWeights,
  winogradWeightsGrad,
  winogradConv2d,
  winogradConv2dWeightGrad,
  flipWeights,
  // Pooling
  maxPool2d,
  maxPool2dIndex,
  maxPool2dGrad,
  avgPool2d,
  avgPool2dGrad,
  adaptiveAvgPool2d,
  adaptiveAvgPool2dGrad,
  // Element by element
  relu,
  reluGrad,
  addBias,
  add,
  mul,
  scaleBy,
  scaleChannels,
  pointwise,
  randomMask,
  randomMove,
  randomErase,
  // Sums and their opposite
  sumPixels,
  sumPointwise,
  sumAll,
  sumSlices,
  expand,
  // Shape
  reshape,
  permute,
  // Classification
  crossEntropy,
  crossEntropyGrad,
  countCorrect,
  oneHot,
} as const;

export type OpName = keyof typeof ops;
export type OpAttrs<K extends OpName> = AttrsOf<(typeof ops)[K]>;

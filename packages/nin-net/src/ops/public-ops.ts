/** The ops that layers and losses are made of, for use from outside: `ops.conv2d(x, w, { stride: 1, padding: 0 })`. */
import { expandClasses, meanClasses } from "./composites/classes.ts";
import { dropout } from "./composites/dropout.ts";
import { linear } from "./composites/linear.ts";
import { ops } from "./ops.ts";

const {
  conv2d,
  maxPool2d,
  avgPool2d,
  adaptiveAvgPool2d,
  relu,
  addBias,
  add,
  mul,
  scaleBy,
  scaleChannels,
  sumPixels,
  sumAll,
  sumSlices,
  expand,
  reshape,
  permute,
  crossEntropy,
  countCorrect,
  oneHot,
  fromBytes,
  resizeBilinear,
  randomMove,
  randomErase,
} = ops;

/** Ops for layers, losses and updates of one's own; activations are [N, H, W, C] here, weights [K, K, Cin, Cout]. */
export const publicOps = {
  conv2d,
  linear,
  maxPool2d,
  avgPool2d,
  adaptiveAvgPool2d,
  relu,
  dropout,
  addBias,
  add,
  mul,
  scaleBy,
  scaleChannels,
  sumPixels,
  sumAll,
  sumSlices,
  expand,
  reshape,
  permute,
  crossEntropy,
  countCorrect,
  oneHot,
  meanClasses,
  expandClasses,
  fromBytes,
  resizeBilinear,
  randomMove,
  randomErase,
} as const;

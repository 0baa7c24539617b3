/** The kernels of the WebAssembly backend; packages/nin-net/src/backends/wasm/kernels.ts says which op is made of which. */
export * from "../../../build/assembly/micro-kernels";
export { convolve, convolve1x1, packWeights, weightGradient } from "./convolution";
export {
  add,
  addBias,
  addMoments,
  copy,
  expand,
  fromBytes,
  moveSlice,
  multiply,
  permute,
  relu,
  reluGradient,
  scale,
  scaleChannels,
  sumAll,
  sumBlocks,
  sumMoments,
  sumPixels,
  sumSlices,
} from "./elementwise";
export { evaluateExpression, sumExpression } from "./expression";
export { countCorrect, crossEntropy, crossEntropyGradient, oneHot } from "./loss";
export { mixTaps, padEdge, polyphaseConvolve, polyphaseWeightGradient } from "./polyphase";
export { averagePool, averagePoolGradient, maxPool, maxPoolGradient } from "./pooling";
export { randomErase, randomMask, randomMove } from "./random";
export { resizeBilinear, resizeBilinearGradient } from "./resize";
export {
  flipWeights,
  winogradConvolve,
  winogradWeightGradient,
  winogradWeights,
  winogradWeightsGradient,
} from "./winograd";

/** What runs in browsers as it does in Node: everything that needs no files. */
export type { Device } from "./backends/backend.ts";
export { openDevice } from "./backends/devices.ts";
export { DataError, DisposedError, NinError, ShapeError } from "./base/errors.ts";
export { Tensor, type TensorLike } from "./base/tensor.ts";
export { DataIterator } from "./data/data-iterator.ts";
export type { Dataset, DatasetName, Split } from "./data/dataset.ts";
export { drawDataset } from "./data/drawn.ts";
export { type NamedBytes, parseSplit } from "./data/idx.ts";
export { ImageBatch } from "./data/image-batch.ts";
export { type ClassMaps, classMaps } from "./explain/class-maps.ts";
export type { Drawing } from "./explain/drawing.ts";
export { type ClassMap, type Explanation, explain } from "./explain/explain.ts";
export { drawExplanation, type ExplanationDrawingOptions } from "./explain/explanation-drawing.ts";
export { type FoundLayer, featureMaps, findLayer } from "./explain/feature-maps.ts";
export { firstFilters } from "./explain/filters.ts";
export { drawGrid, type GridDrawingOptions } from "./explain/grid-drawing.ts";
export type { Picture } from "./explain/picture.ts";
export {
  imageBatch,
  type Prediction,
  type PredictOptions,
  type PredictPicturesOptions,
  predict,
  predictPictures,
  type RankedClass,
} from "./explain/predict.ts";
export {
  type Invert,
  type PreparedPicture,
  type PrepareOptions,
  preparePicture,
} from "./explain/prepare-picture.ts";
export { type ReceptiveField, receptiveField } from "./explain/receptive-field.ts";
export { writeCsv } from "./interop/csv.ts";
export { matchNames } from "./interop/match-names.ts";
export { writeNpz } from "./interop/npz.ts";
export { type OnnxOptions, writeOnnx } from "./interop/onnx/write-onnx.ts";
export { readWeights } from "./interop/read-weights.ts";
export { readSafetensors, type Safetensors, writeSafetensors } from "./interop/safetensors.ts";
export { AdaptiveAvgPool2d } from "./nn/adaptive-avg-pool-2d.ts";
export { Conv2d, type Conv2dOptions } from "./nn/conv2d.ts";
export { Dropout } from "./nn/dropout.ts";
export { Flatten } from "./nn/flatten.ts";
export type { ForwardOptions } from "./nn/forward.ts";
export { manualSeed } from "./nn/initialise.ts";
export { Layer, type StateDict } from "./nn/layer.ts";
export { Linear, type LinearOptions } from "./nn/linear.ts";
export { MaxPool2d, type MaxPool2dOptions } from "./nn/max-pool-2d.ts";
export { NinNet, type NinNetOptions, ninBlock } from "./nn/nin.ts";
export type { Parameter } from "./nn/parameter.ts";
export { ReLU } from "./nn/relu.ts";
export { Sequential } from "./nn/sequential.ts";
export { type SummaryRow, summarize, summaryLines } from "./nn/summary.ts";
export type { BatchSource, PixelBatch } from "./train/batch-source.ts";
export {
  type ClassMeasure,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  evaluateAccuracy,
} from "./train/evaluate.ts";
export type {
  DeadClassMapsEvent,
  DivergenceEvent,
  DoneEvent,
  EpochEvent,
  NoticeEvent,
  StartEvent,
  StepEvent,
  TrainEvent,
} from "./train/events.ts";
export type { Checkpoints, ResumeFrom } from "./train/loop.ts";
export { parseRecipe, presets, type Recipe } from "./train/recipe.ts";
export { type TrainOptions, train } from "./train/train.ts";
export { type TrainChOptions, type TrainResult, trainCh } from "./train/train-ch.ts";
export type { Progress, TrainingState } from "./train/training-state.ts";
export { tryGpu } from "./train/try-gpu.ts";

/**
 * What runs in browsers as it does in Node: everything that needs no files.
 *
 * @module nin-net in browsers
 */

export { augment } from "./augment/augment.ts";
export {
  type Augmentation,
  type AugmentationDefinition,
  type AugmentationKind,
  type AugmentationRandom,
  defineAugmentation,
} from "./augment/augmentation.ts";
export {
  type AugmentationName,
  type AugmentationSettings,
  augmentationNames,
  augmentations,
  checkAugmentations,
  createAugmentation,
} from "./augment/augmentations.ts";
export { erase } from "./augment/erase.ts";
export { flip } from "./augment/flip.ts";
export { shift } from "./augment/shift.ts";
export type {
  AdapterDescription,
  Device,
  DeviceState,
  HostTensor,
  ProfileRow,
  Program,
} from "./backends/backend.ts";
export { type DeviceOptions, openDevice } from "./backends/devices.ts";
export { allPassNames, passListOf } from "./backends/pass-names.ts";
export { defaultThreads } from "./backends/wasm/default-threads.ts";
export type { SimdChoice, WasmOptions } from "./backends/wasm/options.ts";
export { type GpuOptions, type Precision, precisions } from "./backends/webgpu/options.ts";
export { DataError, DisposedError, formatShape, NinError, ShapeError } from "./core/errors.ts";
export type { ImageSpec, Preprocessing } from "./core/image-spec.ts";
export {
  type PreprocessingOptions,
  preprocessedShape,
  preprocessingOf,
  resizeText,
} from "./core/preprocessing.ts";
export {
  type ChoiceSetting,
  describeSettings,
  type NumberSetting,
  type NumbersSetting,
  type SettingDescription,
  type SwitchSetting,
} from "./core/settings.ts";
export { Tensor, type TensorLike } from "./core/tensor.ts";
export { type ArrayDatasetOptions, arrayDataset, type LabelledImages } from "./data/array-dataset.ts";
export { DataIterator } from "./data/data-iterator.ts";
export {
  type AnySplit,
  type Dataset,
  imageAt,
  imagesAt,
  type Labels,
  type Split,
  type StreamedSplit,
} from "./data/dataset.ts";
export { DatasetUnavailableError } from "./data/dataset-unavailable-error.ts";
export { syntheticDataset } from "./data/datasets/synthetic.ts";
export {
  caveatOf,
  type DatasetName,
  datasetNamed,
  datasetNames,
  datasets,
  isSynthetic,
} from "./data/datasets.ts";
export {
  type DatasetDefinition,
  defineDataset,
  type PhotoPreparation,
  type PicturePreparation,
} from "./data/definition.ts";
export { type CifarLayout, cifarFormat } from "./data/formats/cifar.ts";
export type { DataFormat, NamedBytes } from "./data/formats/data-format.ts";
export { type IdxLayout, idxFormat, parseSplit } from "./data/formats/idx.ts";
export { ImageBatch } from "./data/image-batch.ts";
export { type ClassMaps, classMaps, whyNoClassMaps } from "./explain/class-maps.ts";
export { type Colour, mix } from "./explain/colour-map.ts";
export type { Lettering } from "./explain/drawing.ts";
export { Drawing } from "./explain/drawing.ts";
export { type EnlargedPicture, enlargedPicture } from "./explain/enlarged-picture.ts";
export { type ClassMap, type Explanation, explain } from "./explain/explain.ts";
export { Explainer } from "./explain/explainer.ts";
export {
  drawExplanation,
  type ExplanationDrawingOptions,
  overlayColours,
} from "./explain/explanation-drawing.ts";
export { type FoundLayer, featureMaps, findLayer } from "./explain/feature-maps.ts";
export { firstFilters } from "./explain/filters.ts";
export { drawGrid, type GridDrawingOptions } from "./explain/grid-drawing.ts";
export { ink, palette } from "./explain/legend.ts";
export { type ReceptiveField, receptiveField } from "./explain/receptive-field.ts";
export { type ValueScale, valueScale } from "./explain/value-scale.ts";
export { gradients } from "./graph/autodiff.ts";
export {
  type Graph,
  gradientSeed,
  input,
  type Node,
  type OpNode,
  type StateNode,
  state,
} from "./graph/node.ts";
export { greyLevel, type Picture, pictureOf } from "./inference/picture.ts";
export {
  imageBatch,
  type Prediction,
  type PredictOptions,
  type PredictPicturesOptions,
  predict,
  predictionOf,
  predictPictures,
  type RankedClass,
  softmax,
} from "./inference/predict.ts";
export { Predictor, type PredictorOptions, type PredictorOutput } from "./inference/predictor.ts";
export {
  type Invert,
  type PictureNote,
  type PreparedPicture,
  type PrepareOptions,
  preparePicture,
} from "./inference/prepare-picture.ts";
export { writeCsv } from "./interop/csv.ts";
export { matchNames } from "./interop/match-names.ts";
export { type ModelDescription, modelMetadata } from "./interop/model-metadata.ts";
export { writeNpz } from "./interop/npz.ts";
export { type OnnxOptions, type OnnxPreprocessing, writeOnnx } from "./interop/onnx/write-onnx.ts";
export { readWeights } from "./interop/read-weights.ts";
export { readSafetensors, type Safetensors, writeSafetensors } from "./interop/safetensors.ts";
export { AlexNet, type AlexNetOptions } from "./models/alexnet.ts";
export {
  buildModel,
  defineModel,
  type ModelContext,
  type ModelDefinition,
  type ModelImages,
  type ModelRecipe,
} from "./models/define-model.ts";
export type { Init } from "./models/initialise-weights.ts";
export { LeNet, type LeNetOptions } from "./models/lenet.ts";
export { createModel, type ModelName, modelNamed, modelNames, models } from "./models/models.ts";
export {
  type NinBlockChannels,
  type NinBlockOptions,
  NinNet,
  type NinNetOptions,
  type Norm,
  ninBlock,
} from "./models/nin.ts";
export { NinCifar, type NinCifarOptions } from "./models/nin-cifar.ts";
export { SmallNin, type SmallNinOptions } from "./models/nin-small.ts";
export { VGG, type VGGOptions, vggBlock } from "./models/vgg.ts";
export type { ForwardOptions } from "./nn/forward.ts";
export {
  constantInitializer,
  dirac,
  type Initializer,
  type InitializerRandom,
  initialiseParameters,
  type KaimingOptions,
  kaimingNormal,
  kaimingUniform,
  manualSeed,
  type Nonlinearity,
  newParameter,
  uniformFanIn,
  xavierUniform,
} from "./nn/initializers.ts";
export { Layer, type StateDict } from "./nn/layer.ts";
export { AdaptiveAvgPool2d } from "./nn/layers/adaptive-avg-pool-2d.ts";
export { AvgPool2d, type AvgPool2dOptions } from "./nn/layers/avg-pool-2d.ts";
export { BatchNorm2d, type BatchNorm2dOptions } from "./nn/layers/batch-norm-2d.ts";
export { Conv2d, type Conv2dOptions } from "./nn/layers/conv2d.ts";
export { Dropout } from "./nn/layers/dropout.ts";
export { Flatten } from "./nn/layers/flatten.ts";
export { GroupNorm, type GroupNormOptions } from "./nn/layers/group-norm.ts";
export { Linear, type LinearOptions } from "./nn/layers/linear.ts";
export { MaxPool2d, type MaxPool2dOptions } from "./nn/layers/max-pool-2d.ts";
export { ReLU } from "./nn/layers/relu.ts";
export { Sequential } from "./nn/layers/sequential.ts";
export { Sigmoid } from "./nn/layers/sigmoid.ts";
export { Tanh } from "./nn/layers/tanh.ts";
export { activationFromEngine } from "./nn/layout.ts";
export {
  balancedWeights,
  type ClassWeights,
  crossEntropy,
  type Loss,
  smoothedCrossEntropy,
  weightedCrossEntropy,
} from "./nn/losses.ts";
export { LayerBuffer, Parameter, type ParameterInfo } from "./nn/parameter.ts";
export { type SummaryRow, summarize, summaryLines } from "./nn/summary.ts";
export {
  DeviceParameters,
  type GraphContext,
  type Mode,
  type TraceContext,
  traceContext,
} from "./nn/trace.ts";
export { preprocess, preprocessingInputs } from "./ops/composites/preprocess.ts";
export { fromBytes } from "./ops/from-bytes.ts";
export { Expression, type Operand } from "./ops/pointwise/expression.ts";
export { definePointwise } from "./ops/pointwise/pointwise.ts";
export { publicOps as ops } from "./ops/public-ops.ts";
export { resizeBilinear } from "./ops/resize-bilinear.ts";
export { adamw } from "./optim/adamw.ts";
export { muon } from "./optim/muon.ts";
export {
  defineOptimizer,
  type Optimizer,
  type OptimizerKind,
  type OptimizerStep,
  type UpdateContext,
  type WeightUpdate,
} from "./optim/optimizer.ts";
export { createOptimizer, type OptimizerSettings, optimizerNames, optimizers } from "./optim/optimizers.ts";
export {
  defineSchedule,
  type Schedule,
  type ScheduleKind,
  type SchedulePosition,
  withWarmup,
} from "./optim/schedule.ts";
export { createSchedule, type ScheduleSettings, scheduleNames, schedules } from "./optim/schedules.ts";
export { sgd } from "./optim/sgd.ts";
export {
  type Communicator,
  gather,
  RankEndedError,
  type RankMessage,
  type RankOutcome,
  type RanksEnd,
  soloCommunicator,
} from "./ranks/communicator.ts";
export type { BatchSource, PixelBatch } from "./train/batch-source.ts";
export type { TrainCallback } from "./train/callback.ts";
export { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./train/checkpoint.ts";
export { areMapsDead } from "./train/dead-class-maps.ts";
export { type DivergencePolicy, divergencePolicies } from "./train/divergence.ts";
export {
  type ClassMetrics,
  type EvaluateOptions,
  type EvaluationResult,
  evaluate,
  evaluateAccuracy,
} from "./train/evaluate.ts";
export { evaluationNotes } from "./train/evaluation-notes.ts";
export type {
  DeadClassMapsEvent,
  DivergenceEvent,
  DoneEvent,
  EpochEndEvent,
  EpochEvent,
  NoticeEvent,
  StartEvent,
  StepEvent,
  TrainEvent,
} from "./train/events.ts";
export {
  findLearningRate,
  type RatePoint,
  type RateSearch,
  type RateSearchOptions,
  type RateSearchRecipe,
  suggestedRate,
} from "./train/find-learning-rate.ts";
export { type DataInitialisationOptions, initialiseByData } from "./train/initialise-by-data.ts";
export type { ResumeFrom } from "./train/loop.ts";
export {
  type Profile,
  type ProfileOptions,
  type ProfileTask,
  type ProfileTotal,
  profile,
  totals,
} from "./train/profile.ts";
export { type ChromeTrace, chromeTrace } from "./train/profile-trace.ts";
export type { PresetName } from "./train/recipe.ts";
export { caveatsOf, parseRecipe, presets, type Recipe } from "./train/recipe.ts";
export { evaluateWithScores, type ScoredEvaluation } from "./train/scored-evaluation.ts";
export { Session, type SessionOptions } from "./train/session.ts";
export { sliceSizeFor } from "./train/slice-size.ts";
export { tensorsDigest } from "./train/tensors-digest.ts";
export { type TrainOptions, train } from "./train/train.ts";
export { resultLines, type TrainChOptions, type TrainResult, trainCh } from "./train/train-ch.ts";
export type { Progress, TrainingState } from "./train/training-state.ts";
export { noProgress, resultWeights } from "./train/training-state.ts";
export { tryGpu } from "./train/try-gpu.ts";
export { packageVersion, versions } from "./train/versions.ts";

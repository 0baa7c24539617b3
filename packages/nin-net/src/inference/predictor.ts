import type { Device, DeviceState, HostTensor, Program } from "../backends/backend.ts";
import { DisposedError, formatShape, NinError, ShapeError } from "../core/errors.ts";
import { checkStoredImage, type ImageSpec, type Preprocessing } from "../core/image-spec.ts";
import { type PreprocessingOptions, preprocessedShape, preprocessingOf } from "../core/preprocessing.ts";
import { Tensor } from "../core/tensor.ts";
import { type Graph, input, type Node } from "../graph/node.ts";
import { defaultDevice } from "../nn/default-device.ts";
import type { Layer } from "../nn/layer.ts";
import { activationFromEngine } from "../nn/layout.ts";
import { recordLayers } from "../nn/record-layers.ts";
import { DeviceParameters, traceContext } from "../nn/trace.ts";
import { type TracedLayer, traceLayers } from "../nn/trace-layers.ts";
import { preprocess, preprocessingInputs } from "../ops/composites/preprocess.ts";
import { type Prediction, predictionOf } from "./predict.ts";

/** The images that a {@link Predictor} takes, and how it runs. */
export interface PredictorOptions {
  /** What the stored images are. */
  readonly image: Pick<ImageSpec, "channels" | "height" | "width">;
  /** How the network sees them; default: divided by 255, as stored. */
  readonly preprocessing?: PreprocessingOptions | undefined;
  /** Names of the classes; default `class 0` and so on. */
  readonly classes?: readonly string[] | undefined;
  /** Where to run; default: the CPU device that all calls share. */
  readonly device?: Device | undefined;
  /** Layers whose outputs are wanted too: indices from the network down, e.g. `2` or `2.0`. */
  readonly features?: readonly string[] | undefined;
}

/** What a network makes of a batch of images. */
export interface PredictorOutput {
  /** Scores before the softmax, [N, classes]. */
  readonly logits: Tensor;
  /** Outputs of the layers that were asked for, by path, in PyTorch's order: [N, C, H, W] or [N, C]. */
  readonly features: Readonly<Record<string, Tensor>>;
}

/**
 * A network that is ready to be used: the bytes of many images in; class scores, probabilities and feature maps out.
 * Preprocessing and network are one compiled program, and the weights stay on the device. They are those of the
 * moment when it was opened.
 *
 *     using predictor = await Predictor.open(net, { image: { channels: 1, height: 28, width: 28 }, preprocessing: { resize: 224 } });
 *     const [prediction] = await predictor.predict([bytes]);
 */
export class Predictor implements Disposable {
  /** What images are, as stored: channels, and height and width in pixels. */
  readonly image: Pick<ImageSpec, "channels" | "height" | "width">;
  /** How their bytes become what the network sees. */
  readonly preprocessing: Preprocessing;
  /** Shape of an image as the network sees it. */
  readonly inputShape: readonly [channels: number, height: number, width: number];
  /** Names of the classes, by number. */
  readonly classes: readonly string[];
  readonly #program: Program;
  readonly #state: DeviceState;
  /** Of one image, in PyTorch's order, without the batch axis. */
  readonly #featureShapes: ReadonlyMap<string, readonly number[]>;
  readonly #constants: Readonly<Record<string, HostTensor>>;
  #isDisposed = false;

  private constructor(
    device: Device,
    state: DeviceState,
    trace: (images: number) => Graph,
    settings: Pick<Predictor, "image" | "preprocessing" | "inputShape" | "classes">,
    featureShapes: ReadonlyMap<string, readonly number[]>,
  ) {
    this.image = settings.image;
    this.preprocessing = settings.preprocessing;
    this.inputShape = settings.inputShape;
    this.classes = settings.classes;
    this.#state = state;
    this.#featureShapes = featureShapes;
    this.#constants = preprocessingInputs(settings.preprocessing);
    this.#program = device.compile(trace, state);
  }

  /**
   * Copies a network's weights to a device.
   *
   * @throws ShapeError if the network cannot take such images, or does not end in one score a class; NinError if there
   *   is no such layer
   */
  static async open(net: Layer, options: PredictorOptions): Promise<Predictor> {
    const { image, classes: names, features = [] } = options;
    checkStoredImage("Predictor", image);
    const preprocessing = preprocessingOf("Predictor", options.preprocessing ?? {}, image);
    const inputShape = preprocessedShape(image, preprocessing);
    const traced = traceLayers(net, [1, ...inputShape]);
    const classes = classNames(net, traced, names);
    const featureShapes = new Map(features.map((path) => [path, shapeOf(net, traced, path)]));
    const device = options.device ?? (await defaultDevice());
    const parameters = new DeviceParameters(net);
    const state = await device.createState(parameters.values());
    const trace = (images: number): Graph => {
      const { channels, height, width } = image;
      const pixels = input("pixels", [images, height, width, channels], "u8", "slice");
      const found = new Map<string, Node>();
      const context = recordLayers(net, traceContext("eval", parameters), found);
      const logits = net.trace(preprocess(pixels, preprocessing), context);
      const taps = features.map((path) => [outputName(path), found.get(path)!] as const);
      return { outputs: { logits, ...Object.fromEntries(taps) }, updates: new Map() };
    };
    try {
      return new Predictor(
        device,
        state,
        trace,
        { image, preprocessing, inputShape, classes },
        featureShapes,
      );
    } catch (error) {
      state[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Runs the network on a batch.
   *
   * @param images - height * width * channels bytes each: row after row, the channels of a pixel together
   * @throws ShapeError if an image has another size; DisposedError after disposal
   */
  async run(images: readonly Uint8Array[]): Promise<PredictorOutput> {
    if (this.#isDisposed) throw new DisposedError("Predictor");
    const pixels = this.#joined(images);
    const features: Record<string, Tensor> = {};
    if (images.length === 0) {
      for (const [path, shape] of this.#featureShapes) features[path] = Tensor.zeros([0, ...shape]);
      return { logits: Tensor.zeros([0, this.classes.length]), features };
    }
    const outputs = await this.#program.run({ pixels, ...this.#constants });
    for (const [path, shape] of this.#featureShapes) {
      features[path] = tensorOf([images.length, ...shape], outputs[outputName(path)]!);
    }
    return { logits: tensorOf([images.length, this.classes.length], outputs.logits!), features };
  }

  /**
   * Classifies a batch of images.
   *
   * @param images - as of {@link run}
   * @returns one prediction an image
   * @throws as {@link run}; NinError if a score is not a finite number
   */
  async predict(images: readonly Uint8Array[]): Promise<Prediction[]> {
    return this.predictionsOf((await this.run(images)).logits);
  }

  /** Predictions of the scores that {@link run} gives. */
  predictionsOf({ data }: Pick<Tensor, "data">): Prediction[] {
    const count = this.classes.length;
    return Array.from({ length: data.length / count }, (_, n) =>
      predictionOf(data.slice(n * count, (n + 1) * count), this.classes),
    );
  }

  #joined(images: readonly Uint8Array[]): HostTensor {
    const { channels, height, width } = this.image;
    const size = height * width * channels;
    const data = new Uint8Array(images.length * size);
    images.forEach((image, n) => {
      if (image.length !== size) {
        throw new ShapeError("Predictor", {
          got: `${image.length} bytes as image ${n}`,
          want: `${size}, ${height} * ${width} * ${channels}`,
          fix: "Prepare pictures as the images that the network was trained on.",
        });
      }
      data.set(image, n * size);
    });
    return { shape: [images.length, height, width, channels], dtype: "u8", data };
  }

  /** Frees its memory on the device; the device stays open. */
  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#program[Symbol.dispose]();
    this.#state[Symbol.dispose]();
  }
}

/** One name a class, checked against the network's scores. */
function classNames(
  net: Layer,
  { outputShape }: TracedLayer,
  names: readonly string[] | undefined,
): string[] {
  const [, count = 0] = outputShape;
  if (outputShape.length !== 2) {
    throw new ShapeError(net.kind, {
      got: `output ${formatShape(outputShape)} for one image`,
      want: "[1, classes]",
      fix: "Let the network end in one score a class, as with Flatten.",
    });
  }
  if (names !== undefined && names.length !== count) {
    throw new NinError(
      `${net.kind}: got ${count} scores an image, expected one for each of ${names.length} classes. ` +
        "Take a network made for this data set.",
    );
  }
  return names === undefined ? Array.from({ length: count }, (_, k) => `class ${k}`) : [...names];
}

/** What a layer makes of one image. */
function shapeOf(net: Layer, traced: TracedLayer, path: string): readonly number[] {
  const found = path
    .split(".")
    .reduce<TracedLayer | undefined>(
      (layer, part) =>
        layer?.children.find(
          ({ place }) => place.path === (layer.place.path && `${layer.place.path}.`) + part,
        ),
      traced,
    );
  if (found === undefined) {
    const all = traced.children.map(({ place, layer }) => `${place.path} ${layer.kind}`).join(", ");
    throw new NinError(
      `${net.kind}: got the layer ${JSON.stringify(path)}, expected one of ${all || "none"}, or one inside, such as 0.0.`,
    );
  }
  return found.outputShape.slice(1);
}

function outputName(path: string): string {
  return `features.${path}`;
}

function tensorOf(shape: readonly number[], { data }: HostTensor): Tensor {
  return new Tensor(shape, activationFromEngine(shape, data as Float32Array));
}

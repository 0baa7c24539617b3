import type { CompileOptions, Device, DeviceState, HostTensor, Program } from "../backends/backend.ts";
import { NinError } from "../core/errors.ts";
import { preprocessedShape } from "../core/preprocessing.ts";
import { Tensor } from "../core/tensor.ts";
import type { Labels } from "../data/dataset.ts";
import { mirrorImages } from "../data/mirror-images.ts";
import type { Graph } from "../graph/node.ts";
import { mixesImages } from "../graph/slices.ts";
import type { Layer } from "../nn/layer.ts";
import { weightFromEngine, weightToEngine } from "../nn/layout.ts";
import type { Loss } from "../nn/losses.ts";
import { DeviceParameters } from "../nn/trace.ts";
import { averagePrefix, averageScalars } from "../optim/average-weights.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { Communicator } from "../ranks/communicator.ts";
import type { PixelBatch } from "./batch-source.ts";
import {
  batchInputs,
  checkBatch,
  checkLabels,
  classCount,
  classWeightInputs,
  evaluationGraph,
  gradientGraph,
  type ImageInput,
  initialOptimizerState,
  optimizerStateName,
  type StepPosition,
  scalarInputs,
  type TrainingGraphOptions,
  trainGraph,
} from "./programs.ts";
import { sliceSizeFor } from "./slice-size.ts";
import type { TrainingState } from "./training-state.ts";

/** What a batch gave. */
export interface BatchMeasure {
  /** Images of the batch. */
  readonly images: number;
  /** Summed over the batch. */
  readonly lossNatsSum: number;
  /** Images whose highest score is that of their class. */
  readonly correct: number;
}

/** What a batch gave in evaluation, with the scores. */
export interface BatchScores extends BatchMeasure {
  /** Scores, images x classes. */
  readonly logits: Float32Array;
  /** Number of scores an image. */
  readonly classes: number;
}

/** What a {@link Session} trains by. */
export interface SessionOptions extends Pick<TrainingGraphOptions, "augmentations" | "clip" | "ema"> {
  /** What training steps change the weights by; without one there are none. */
  readonly optimizer?: Optimizer | undefined;
  /** Default: cross-entropy. */
  readonly loss?: Loss | undefined;
  /** What training makes small, if it is another than evaluation measures; default: `loss`. */
  readonly trainingLoss?: Loss | undefined;
  /** Of the classes in the training loss, which must take them; default: there are none. */
  readonly classWeights?: readonly number[] | undefined;
  /** Images a slice; default: `sliceSizeFor`. */
  readonly slice?: number | undefined;
  /** The ranks that share each batch; default: one process. */
  readonly communicator?: Communicator | undefined;
  /** Is waited for after each batch; default: nothing. */
  readonly afterBatch?: (() => Promise<void>) | undefined;
}

/** What one training step is told. */
export interface TrainStep extends StepPosition {
  /** Learning rate of this step. */
  readonly lr: number;
  /** Steps done before it, over the whole run. */
  readonly stepsBefore: number;
}

/** A network's weights and programs on a device, while it is trained or evaluated. */
export class Session implements Disposable {
  readonly #net: Layer;
  readonly #device: Device;
  readonly #parameters: DeviceParameters;
  /** Averages of the weights and buffers; undefined if none are kept. */
  readonly #averages: DeviceParameters | undefined;
  readonly #state: DeviceState;
  readonly #optimizer: Optimizer | undefined;
  readonly #options: SessionOptions;
  readonly #programs = new Map<string, { program: Program; classes: number }>();

  private constructor(
    net: Layer,
    device: Device,
    parameters: DeviceParameters,
    averages: DeviceParameters | undefined,
    state: DeviceState,
    options: SessionOptions,
  ) {
    this.#net = net;
    this.#device = device;
    this.#parameters = parameters;
    this.#averages = averages;
    this.#state = state;
    this.#optimizer = options.optimizer;
    this.#options = options;
  }

  /** Copies the network's weights to the device. */
  static async open(net: Layer, device: Device, options: SessionOptions = {}): Promise<Session> {
    const parameters = new DeviceParameters(net);
    const kept = options.optimizer ? initialOptimizerState(options.optimizer, parameters) : {};
    const averages = options.ema === undefined ? undefined : new DeviceParameters(net, averagePrefix);
    const state = await device.createState({ ...parameters.values(), ...kept, ...averages?.values() });
    return new Session(net, device, parameters, averages, state, options);
  }

  /** How many steps or evaluations may be begun before the results of an earlier one have come. */
  get ahead(): number {
    return this.#device.runsAhead;
  }

  /** How many classes the network tells apart; undefined before the first batch. */
  get classes(): number | undefined {
    const [entry] = this.#programs.values();
    return entry?.classes;
  }

  get #training(): TrainingGraphOptions {
    const { loss, trainingLoss = loss, augmentations, clip, ema } = this.#options;
    return { loss: trainingLoss, augmentations, clip, ema };
  }

  /**
   * One step of training; steps that overlap follow each other in the order of the calls.
   *
   * @throws NinError if the session was opened without an optimiser
   */
  async step(images: PixelBatch, labels: Labels, step: TrainStep): Promise<BatchMeasure> {
    const optimizer = this.#optimizer;
    if (optimizer === undefined) {
      throw new NinError(
        "Session.step: got a session without an optimizer. Open it with one: Session.open(net, device, { optimizer: sgd() }).",
      );
    }
    const { ema } = this.#options;
    const scalars = scalarInputs({
      ...optimizer.scalars({ lr: step.lr, step: step.stepsBefore }),
      ...(ema !== undefined && averageScalars(ema, step.stepsBefore)),
    });
    const { outputs } = await this.#run(
      "train",
      images,
      labels,
      step,
      (count, input) => trainGraph(this.#net, this.#parameters, count, input, optimizer, this.#training),
      scalars,
    );
    return measureOf(outputs, labels.length);
  }

  /** Weights and buffers that the network is used with: their averages where there are some. */
  get #result(): DeviceParameters {
    return this.#averages ?? this.#parameters;
  }

  /**
   * Scores, loss and hits in evaluation mode, of the averaged weights where averages are kept.
   *
   * @param flips - whether the scores of each image are averaged with those of its mirror image
   */
  async evaluate(images: PixelBatch, labels: Labels, flips = false): Promise<BatchScores> {
    const { outputs, classes } = await this.#run(
      flips ? "eval with flips" : "eval",
      images,
      labels,
      noPosition,
      (count, input) =>
        evaluationGraph(this.#net, this.#result, count, input, { loss: this.#options.loss, flips }),
      flips ? { mirrored: mirrored(images, labels.length) } : {},
    );
    const logits = outputs.logits!.data as Float32Array;
    return { ...measureOf(outputs, labels.length), logits, classes };
  }

  /** The gradients of the mean loss in training mode, by parameter, in the engine's layout. */
  async gradients(
    images: PixelBatch,
    labels: Labels,
    position: StepPosition,
  ): Promise<BatchScores & { readonly gradients: ReadonlyMap<string, Float32Array> }> {
    const { outputs, classes } = await this.#run("gradients", images, labels, position, (count, input) =>
      gradientGraph(this.#net, this.#parameters, count, input, this.#training),
    );
    const names = this.#parameters.nodes.map(({ name }) => name);
    return {
      ...measureOf(outputs, labels.length),
      logits: outputs.logits!.data as Float32Array,
      classes,
      gradients: new Map(names.map((name) => [name, outputs[name]!.data as Float32Array])),
    };
  }

  /** A copy of what the device keeps between steps; the network's own weights stay as they are. */
  async snapshot(): Promise<Omit<TrainingState, "progress" | "pendingEvents">> {
    const weights = await this.#readAll(this.#parameters.all, (name) => name);
    const optimizer: [stateName: string, values: Record<string, Tensor>][] = [];
    for (const stateName of this.#optimizer?.stateNames ?? []) {
      const nameOf = (weight: string) => optimizerStateName(stateName, weight);
      optimizer.push([stateName, await this.#readAll(this.#parameters.named, nameOf)]);
    }
    const averages = this.#averages;
    return {
      weights,
      optimizer: Object.fromEntries(optimizer),
      ...(averages && { averages: await this.#readAll(averages.all, (name) => averages.stateName(name)) }),
    };
  }

  /**
   * Replaces the weights, on the device and in the network, what the optimiser keeps, and the averages.
   *
   * @throws NinError if they are of another network, or something that the optimiser or the averages keep is missing
   */
  async restore(kept: Omit<TrainingState, "progress" | "pendingEvents">): Promise<void> {
    const { weights, optimizer } = kept;
    this.#net.loadStateDict(weights);
    await this.#writeAll(this.#parameters.all, (name) => name, weights);
    for (const stateName of this.#optimizer?.stateNames ?? []) {
      const values = optimizer[stateName] ?? {};
      await this.#writeAll(
        this.#parameters.named,
        (name) => optimizerStateName(stateName, name),
        values,
        stateName,
      );
    }
    const averages = this.#averages;
    if (averages === undefined) return;
    const means = kept.averages ?? {};
    await this.#writeAll(averages.all, (name) => averages.stateName(name), means, "average");
    this.#net.loadStateDict(means);
  }

  async #readAll(
    named: DeviceParameters["all"],
    stateName: (name: string) => string,
  ): Promise<Record<string, Tensor>> {
    const values = named.map(async ([name, { shape }]) => {
      const data = await this.#state.read(stateName(name));
      return [name, new Tensor(shape, weightFromEngine(shape, data))] as const;
    });
    return Object.fromEntries(await Promise.all(values));
  }

  async #writeAll(
    named: DeviceParameters["all"],
    stateName: (name: string) => string,
    values: Readonly<Record<string, Tensor>>,
    what = "value",
  ): Promise<void> {
    for (const [name, { shape }] of named) {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) {
        throw new NinError(
          `${this.#net.kind}: the state has no ${what} of ${name}, expected one for each weight. ` +
            "Go on from a state that was kept by training with the same optimizer and averages.",
        );
      }
      await this.#state.write(stateName(name), weightToEngine(shape, value.data));
    }
  }

  /** Copies the device's weights, or their averages where some are kept, back into the network. */
  pull(): Promise<void> {
    return this.#result.pull(this.#state);
  }

  async #run(
    kind: string,
    images: PixelBatch,
    labels: Labels,
    position: StepPosition,
    trace: (count: number, input: ImageInput) => Graph,
    others: Readonly<Record<string, HostTensor>> = {},
  ): Promise<{ outputs: Readonly<Record<string, HostTensor>>; classes: number }> {
    checkBatch(images, labels);
    const { channels, height, width, preprocessing } = images;
    const input: ImageInput = { channels, height, width, preprocessing };
    const key = `${kind} ${JSON.stringify(input)}`;
    let entry = this.#programs.get(key);
    if (entry === undefined) {
      const classes = classCount(this.#net, input);
      const program = this.#device.compile((count) => trace(count, input), this.#state, {
        ...this.#sliceOptions(input, trace),
        communicator: this.#options.communicator,
      });
      entry = { program, classes };
      this.#programs.set(key, entry);
    }
    checkLabels(this.#net, labels, entry.classes);
    const { inputs } = entry.program;
    const { classWeights } = this.#options;
    const weighing = classWeights && classWeightInputs(classWeights, labels, entry.classes);
    const given = Object.entries({ ...batchInputs(images, labels, position), ...weighing, ...others });
    const used = given.filter(([name]) => inputs.has(name));
    const outputs = await entry.program.run(Object.fromEntries(used));
    await this.#options.afterBatch?.();
    return { outputs, classes: entry.classes };
  }

  /** A GPU takes as much of a batch at once as its memory holds, unless the result depends on the slices. */
  #sliceOptions(input: ImageInput, trace: (count: number, input: ImageInput) => Graph): CompileOptions {
    if (this.#device.kind === "gpu" && !mixesImages(trace(1, input))) return {};
    const image = preprocessedShape(input, input.preprocessing);
    return { sliceSize: this.#options.slice ?? sliceSizeFor(this.#net, image) };
  }

  /** Ends its programs and frees its memory on the device; the device stays open. */
  [Symbol.dispose](): void {
    for (const { program } of this.#programs.values()) program[Symbol.dispose]();
    this.#programs.clear();
    this.#state[Symbol.dispose]();
  }
}

/** Made of the bytes, so that every device computes on the same. */
function mirrored(images: PixelBatch, count: number): HostTensor {
  const { height, width, channels } = images;
  return { shape: [count, height, width, channels], dtype: "u8", data: mirrorImages(images) };
}

const noPosition: StepPosition = { seed: 0, epoch: 0, step: 0 };

function measureOf(outputs: Readonly<Record<string, HostTensor>>, images: number): BatchMeasure {
  return { images, lossNatsSum: outputs.lossSum!.data[0]!, correct: outputs.correct!.data[0]! };
}

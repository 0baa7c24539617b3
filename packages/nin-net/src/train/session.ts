import type { Device, DeviceState, HostTensor, Program } from "../backends/backend.ts";
import { callerInputs } from "../backends/inputs.ts";
import { NinError } from "../core/errors.ts";
import { Tensor } from "../core/tensor.ts";
import type { Labels } from "../data/dataset.ts";
import type { Graph } from "../graph/node.ts";
import type { Layer } from "../nn/layer.ts";
import { weightFromEngine, weightToEngine } from "../nn/layout.ts";
import type { Loss } from "../nn/losses.ts";
import { DeviceParameters } from "../nn/trace.ts";
import type { PixelBatch } from "./batch-source.ts";
import {
  batchInputs,
  checkBatch,
  classCount,
  evaluationGraph,
  gradientGraph,
  type ImageInput,
  initialMomenta,
  momentumName,
  type StepSettings,
  trainGraph,
} from "./programs.ts";
import type { TrainingState } from "./training-state.ts";

/** What a batch gave. */
export interface BatchMeasure {
  readonly images: number;
  /** Summed over the batch. */
  readonly lossNatsSum: number;
  readonly correct: number;
}

export interface BatchScores extends BatchMeasure {
  /** Scores, images x classes. */
  readonly logits: Float32Array;
  readonly classes: number;
}

/** A network's weights and programs on a device, while it is trained or evaluated. */
export class Session implements Disposable {
  readonly #net: Layer;
  readonly #device: Device;
  readonly #parameters: DeviceParameters;
  readonly #state: DeviceState;
  readonly #hasMomenta: boolean;
  readonly #loss: Loss | undefined;
  readonly #programs = new Map<string, { program: Program; inputs: ReadonlySet<string>; classes: number }>();

  private constructor(
    net: Layer,
    device: Device,
    parameters: DeviceParameters,
    state: DeviceState,
    hasMomenta: boolean,
    loss: Loss | undefined,
  ) {
    this.#net = net;
    this.#device = device;
    this.#parameters = parameters;
    this.#state = state;
    this.#hasMomenta = hasMomenta;
    this.#loss = loss;
  }

  /**
   * Copies the network's weights to the device.
   *
   * @param options.loss - default: cross-entropy
   */
  static async open(
    net: Layer,
    device: Device,
    { momentum = false, loss }: { readonly momentum?: boolean; readonly loss?: Loss | undefined } = {},
  ): Promise<Session> {
    const parameters = new DeviceParameters(net);
    const momenta = momentum ? initialMomenta(parameters) : {};
    const state = await device.createState({ ...parameters.values(), ...momenta });
    return new Session(net, device, parameters, state, momentum, loss);
  }

  /** How many steps or evaluations may be begun before the results of an earlier one have come. */
  get ahead(): number {
    return this.#device.runsAhead;
  }

  /** One step of gradient descent; steps that overlap follow each other in the order of the calls. */
  async step(images: PixelBatch, labels: Labels, settings: StepSettings): Promise<BatchMeasure> {
    const withMomentum = settings.momentum > 0;
    const { outputs } = await this.#run(`train ${withMomentum}`, images, labels, settings, (count, input) =>
      trainGraph(this.#net, this.#parameters, count, input, withMomentum, this.#loss),
    );
    return measureOf(outputs, labels.length);
  }

  /** Scores, loss and hits in evaluation mode. */
  async evaluate(images: PixelBatch, labels: Labels): Promise<BatchScores> {
    const { outputs, classes } = await this.#run("eval", images, labels, noStep, (count, input) =>
      evaluationGraph(this.#net, this.#parameters, count, input, this.#loss),
    );
    const logits = outputs.logits!.data as Float32Array;
    return { ...measureOf(outputs, labels.length), logits, classes };
  }

  /** The gradients of the mean loss in training mode, by parameter, in the engine's layout. */
  async gradients(
    images: PixelBatch,
    labels: Labels,
    settings: StepSettings,
  ): Promise<BatchScores & { readonly gradients: ReadonlyMap<string, Float32Array> }> {
    const { outputs, classes } = await this.#run("gradients", images, labels, settings, (count, input) =>
      gradientGraph(this.#net, this.#parameters, count, input, this.#loss),
    );
    const names = this.#parameters.nodes.map(({ name }) => name);
    return {
      ...measureOf(outputs, labels.length),
      logits: outputs.logits!.data as Float32Array,
      classes,
      gradients: new Map(names.map((name) => [name, outputs[name]!.data as Float32Array])),
    };
  }

  /** A copy of the device's weights, buffers and momenta; the network's own weights stay as they are. */
  async snapshot(): Promise<Pick<TrainingState, "weights" | "momenta">> {
    return {
      weights: await this.#readAll(this.#parameters.all, (name) => name),
      momenta: this.#hasMomenta ? await this.#readAll(this.#parameters.named, momentumName) : null,
    };
  }

  /**
   * Replaces weights and momenta, on the device and in the network.
   *
   * @throws NinError if they are of another network, or momenta are missing
   */
  async restore({ weights, momenta }: Pick<TrainingState, "weights" | "momenta">): Promise<void> {
    this.#net.loadStateDict(weights);
    await this.#writeAll(this.#parameters.all, (name) => name, weights);
    if (this.#hasMomenta) await this.#writeAll(this.#parameters.named, momentumName, momenta ?? {});
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
  ): Promise<void> {
    for (const [name, { shape }] of named) {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) {
        throw new NinError(
          `${this.#net.kind}: the state has no momentum of ${name}, expected one for each weight. ` +
            "Go on from a state that was kept by training with momentum.",
        );
      }
      await this.#state.write(stateName(name), weightToEngine(shape, value.data));
    }
  }

  /** Copies the device's weights back into the network. */
  pull(): Promise<void> {
    return this.#parameters.pull(this.#state);
  }

  async #run(
    kind: string,
    images: PixelBatch,
    labels: Labels,
    settings: StepSettings,
    trace: (count: number, input: ImageInput) => Graph,
  ): Promise<{ outputs: Readonly<Record<string, HostTensor>>; classes: number }> {
    const { channels, height, width, preprocessing } = images;
    const input: ImageInput = { channels, height, width, preprocessing };
    const key = `${kind} ${JSON.stringify(input)}`;
    let entry = this.#programs.get(key);
    if (entry === undefined) {
      const classes = classCount(this.#net, input);
      const program = this.#device.compile((count) => trace(count, input), this.#state);
      entry = { program, inputs: new Set(callerInputs(trace(1, input)).keys()), classes };
      this.#programs.set(key, entry);
    }
    checkBatch(this.#net, images, labels, entry.classes);
    const { inputs } = entry;
    const used = Object.entries(batchInputs(images, labels, settings)).filter(([name]) => inputs.has(name));
    return { outputs: await entry.program.run(Object.fromEntries(used)), classes: entry.classes };
  }

  [Symbol.dispose](): void {
    for (const { program } of this.#programs.values()) program[Symbol.dispose]();
    this.#programs.clear();
    this.#state[Symbol.dispose]();
  }
}

const noStep: StepSettings = { lr: 0, momentum: 0, seed: 0, epoch: 0, step: 0 };

function measureOf(outputs: Readonly<Record<string, HostTensor>>, images: number): BatchMeasure {
  return { images, lossNatsSum: outputs.lossSum!.data[0]!, correct: outputs.correct!.data[0]! };
}

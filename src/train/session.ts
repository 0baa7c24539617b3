import type { Device, DeviceState, HostTensor, Program } from "../backends/backend.ts";
import { callerInputs } from "../backends/inputs.ts";
import type { Graph } from "../graph/node.ts";
import type { Layer } from "../nn/layer.ts";
import { DeviceParameters } from "../nn/trace.ts";
import type { PixelBatch } from "./batch-source.ts";
import {
  batchInputs,
  checkBatch,
  classCount,
  evaluationGraph,
  gradientGraph,
  type ImageSizes,
  initialMomenta,
  type StepSettings,
  trainGraph,
} from "./programs.ts";

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
  readonly #programs = new Map<string, { program: Program; inputs: ReadonlySet<string>; classes: number }>();

  private constructor(net: Layer, device: Device, parameters: DeviceParameters, state: DeviceState) {
    this.#net = net;
    this.#device = device;
    this.#parameters = parameters;
    this.#state = state;
  }

  /** Copies the network's weights to the device. */
  static async open(net: Layer, device: Device, options: { momentum?: boolean } = {}): Promise<Session> {
    const parameters = new DeviceParameters(net);
    const momenta = options.momentum === true ? initialMomenta(parameters) : {};
    const state = await device.createState({ ...parameters.values(), ...momenta });
    return new Session(net, device, parameters, state);
  }

  /** One step of gradient descent. */
  async step(images: PixelBatch, labels: Uint8Array, settings: StepSettings): Promise<BatchMeasure> {
    const withMomentum = settings.momentum > 0;
    const { outputs } = await this.#run(`train ${withMomentum}`, images, labels, settings, (count, sizes) =>
      trainGraph(this.#net, this.#parameters, count, sizes, withMomentum),
    );
    return measureOf(outputs, labels.length);
  }

  /** Scores, loss and hits in evaluation mode. */
  async evaluate(images: PixelBatch, labels: Uint8Array): Promise<BatchScores> {
    const { outputs, classes } = await this.#run("eval", images, labels, noStep, (count, sizes) =>
      evaluationGraph(this.#net, this.#parameters, count, sizes),
    );
    const logits = outputs.logits!.data as Float32Array;
    return { ...measureOf(outputs, labels.length), logits, classes };
  }

  /** The gradients of the mean loss in training mode, by parameter, in the engine's layout. */
  async gradients(
    images: PixelBatch,
    labels: Uint8Array,
    settings: StepSettings,
  ): Promise<BatchScores & { readonly gradients: ReadonlyMap<string, Float32Array> }> {
    const { outputs, classes } = await this.#run("gradients", images, labels, settings, (count, sizes) =>
      gradientGraph(this.#net, this.#parameters, count, sizes),
    );
    const names = this.#parameters.nodes.map(({ name }) => name);
    return {
      ...measureOf(outputs, labels.length),
      logits: outputs.logits!.data as Float32Array,
      classes,
      gradients: new Map(names.map((name) => [name, outputs[name]!.data as Float32Array])),
    };
  }

  /** Copies the device's weights back into the network. */
  pull(): Promise<void> {
    return this.#parameters.pull(this.#state);
  }

  async #run(
    kind: string,
    images: PixelBatch,
    labels: Uint8Array,
    settings: StepSettings,
    trace: (count: number, sizes: ImageSizes) => Graph,
  ): Promise<{ outputs: Readonly<Record<string, HostTensor>>; classes: number }> {
    const sizes = { height: images.height, width: images.width, resize: images.resize };
    const key = `${kind} ${sizes.height} ${sizes.width} ${sizes.resize}`;
    let entry = this.#programs.get(key);
    if (entry === undefined) {
      const classes = classCount(this.#net, sizes);
      const program = this.#device.compile((count) => trace(count, sizes), this.#state);
      entry = { program, inputs: new Set(callerInputs(trace(1, sizes)).keys()), classes };
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

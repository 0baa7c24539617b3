import {
  AdaptiveAvgPool2d,
  activationFromEngine,
  type Device,
  DeviceParameters,
  type DeviceState,
  type Explanation,
  fromBytes,
  type Graph,
  imageSize,
  input,
  NinError,
  type Node,
  type Program,
  predictionOf,
  type ReceptiveField,
  receptiveField,
  resizeBilinear,
  Sequential,
  traceContext,
} from "nin-net";
import type { Model } from "./model.ts";

export interface NetworkModelOptions {
  readonly device: Device;
  /** Names of the classes, by number. */
  readonly classes: readonly string[];
  /** Pixels on each side that the network was trained on. */
  readonly resize: number;
}

/**
 * A trained network on a device: the bytes of many images in, scores and class maps out. The results are those of
 * `explain`; one program from bytes to maps takes a fraction of its time.
 */
export class NetworkModel implements Model, Disposable {
  readonly classes: readonly string[];
  readonly #program: Program;
  readonly #state: DeviceState;
  readonly #inputSize: number;
  readonly #mapShape: readonly [channels: number, height: number, width: number];
  readonly #field: ReceptiveField | undefined;

  private constructor(
    program: Program,
    state: DeviceState,
    { classes, resize }: NetworkModelOptions,
    maps: {
      readonly shape: readonly [number, number, number];
      readonly field: ReceptiveField | undefined;
    },
  ) {
    this.classes = classes;
    this.#program = program;
    this.#state = state;
    this.#inputSize = resize;
    this.#mapShape = maps.shape;
    this.#field = maps.field;
  }

  /**
   * Copies the weights to the device.
   *
   * @param net - ends by averaging one map a class, as NinNet does
   */
  static async open(net: Sequential, options: NetworkModelOptions): Promise<NetworkModel> {
    const { device, classes, resize } = options;
    const pool = net.layers.findLastIndex((layer) => layer instanceof AdaptiveAvgPool2d);
    const toMaps = net.layers.slice(0, pool);
    const [, channels = 0, height = 0, width = 0] = toMaps.reduce<number[]>(
      (shape, layer) => layer.outputShape(shape),
      [1, 1, resize, resize],
    );
    if (pool < 0 || channels !== classes.length) {
      throw new NinError(
        `${net.kind}: got ${channels} maps before the average, expected one for each of ${classes.length} classes. ` +
          "Take a network made for this data set.",
      );
    }
    const parameters = new DeviceParameters(net);
    const state = await device.createState(parameters.values());
    const trace = (images: number): Graph => {
      const context = traceContext("eval", parameters);
      let x: Node = fromBytes(input("pixels", [images, imageSize, imageSize, 1], "u8", "slice"));
      if (resize !== imageSize) x = resizeBilinear(x, { height: resize, width: resize });
      const maps = toMaps.reduce<Node>((node, layer) => layer.trace(node, context), x); // [n, h, w, classes]
      const scores = net.layers.slice(pool).reduce<Node>((node, layer) => layer.trace(node, context), maps); // [n, classes]
      return { outputs: { maps, scores }, updates: new Map() };
    };
    const field = receptiveField(new Sequential(...toMaps));
    const maps = { shape: [channels, height, width], field } as const;
    return new NetworkModel(device.compile(trace, state), state, options, maps);
  }

  async classify(images: readonly Uint8Array[]): Promise<Explanation[]> {
    const pixels = new Uint8Array(images.length * imageSize * imageSize);
    for (const [index, image] of images.entries()) pixels.set(image, index * imageSize * imageSize);
    const shape = [images.length, imageSize, imageSize, 1];
    const outputs = await this.#program.run({ pixels: { shape, dtype: "u8", data: pixels } });
    const [classes, height, width] = this.#mapShape;
    const mapSize = height * width;
    const scores = outputs.scores!.data as Float32Array;
    const maps = activationFromEngine([images.length, ...this.#mapShape], outputs.maps!.data as Float32Array);
    return images.map((_, n) => ({
      ...predictionOf(scores.slice(n * classes, (n + 1) * classes), this.classes),
      maps: this.classes.map((_, k) => ({
        height,
        width,
        data: maps.slice((n * classes + k) * mapSize, (n * classes + k + 1) * mapSize),
      })),
      inputSize: this.#inputSize,
      field: this.#field,
    }));
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]();
    this.#state[Symbol.dispose]();
  }
}

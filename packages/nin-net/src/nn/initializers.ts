/** Initial values of parameters: functions of seed and parameter, the same on every machine. */
import { Purpose, RandomStream } from "../core/random.ts";
import { Parameter, type ParameterInfo } from "./parameter.ts";

/** The random numbers of one parameter. */
export interface InitializerRandom {
  /** `size` values uniform in [-bound, bound). */
  uniform(size: number, bound: number): Float32Array;
  /** `size` values of a normal distribution of mean 0. */
  normal(size: number, standardDeviation: number): Float32Array;
}

/** Makes the initial values of a parameter, in PyTorch's order. */
export type Initializer = (parameter: ParameterInfo, random: InitializerRandom) => Float32Array;

/** What follows a layer, for the initializers that scale by it: `torch.nn.init.calculate_gain`. */
const gains = {
  /** Nothing follows. */
  linear: 1,
  /** A sigmoid. */
  sigmoid: 1,
  /** A hyperbolic tangent. */
  tanh: 5 / 3,
  /** A ReLU. */
  relu: Math.SQRT2,
} as const;
/** A function for which a gain is known. */
export type Nonlinearity = keyof typeof gains;

/**
 * Uniform in +-1/sqrt(fanIn), PyTorch's default of weights and biases: it draws weights from
 * kaiming_uniform(a = sqrt(5)), which is that interval.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export const uniformFanIn: Initializer = ({ size, fanIn }, random) =>
  random.uniform(size, 1 / Math.sqrt(fanIn));

/**
 * Uniform in +-gain sqrt(6 / (fanIn + fanOut)).
 *
 * @see Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks"
 */
export function xavierUniform({
  nonlinearity = "linear",
}: {
  nonlinearity?: Nonlinearity;
} = {}): Initializer {
  return ({ size, fanIn, fanOut }, random) =>
    random.uniform(size, gains[nonlinearity] * Math.sqrt(6 / (fanIn + fanOut)));
}

/** How Kaiming initializers scale. */
export interface KaimingOptions {
  /** Default `relu`. */
  readonly nonlinearity?: Nonlinearity;
  /** `in`, the default, keeps the variance of activations; `out` that of gradients. */
  readonly fan?: "in" | "out";
}

/**
 * Normal with standard deviation gain / sqrt(fan), also known as He initialization.
 *
 * @see He, Zhang, Ren & Sun 2015, "Delving deep into rectifiers" (arXiv:1502.01852)
 */
export function kaimingNormal({ nonlinearity = "relu", fan = "in" }: KaimingOptions = {}): Initializer {
  return ({ size, fanIn, fanOut }, random) =>
    random.normal(size, gains[nonlinearity] / Math.sqrt(fan === "in" ? fanIn : fanOut));
}

/** Uniform in +-gain sqrt(3 / fan), the variance of {@link kaimingNormal}. */
export function kaimingUniform({ nonlinearity = "relu", fan = "in" }: KaimingOptions = {}): Initializer {
  return ({ size, fanIn, fanOut }, random) =>
    random.uniform(size, gains[nonlinearity] * Math.sqrt(3 / (fan === "in" ? fanIn : fanOut)));
}

/**
 * The identity for 1x1 convolutions between as many channels: what comes in goes out unchanged. Other shapes start as
 * {@link kaimingNormal}. A stack of 1x1 convolutions with ReLUs then begins as no more than one ReLU.
 *
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.dirac_
 */
export function dirac(): Initializer {
  const others = kaimingNormal();
  return (parameter, random) => {
    const { shape, size } = parameter;
    const [out, inner, ...kernel] = shape;
    if (out !== inner || kernel.some((side) => side !== 1)) return others(parameter, random);
    const values = new Float32Array(size);
    for (let channel = 0; channel < out!; channel++) values[channel * out! + channel] = 1;
    return values;
  };
}

/** Every value the same. */
export function constantInitializer(value: number): Initializer {
  return ({ size }) => new Float32Array(size).fill(value);
}

let standaloneSeed = 0;
let standaloneCount = 0;

/**
 * Seed of a `NinNet` and of the presets. With fresh weights a class map of NiN is zero everywhere as often as not, since
 * a ReLU comes last; from this seed all ten are alive at the start, on Fashion-MNIST at 112 and at 224 pixels.
 */
export const defaultSeed = 250;

/**
 * Seeds the layers made from now on (a `NinNet` has a seed of its own), as `torch.manual_seed` does.
 *
 * Layers made in the same order after the same seed have the same weights; the seed at start is 0.
 */
export function manualSeed(seed: number): void {
  standaloneSeed = seed;
  standaloneCount = 0;
}

/**
 * Makes a weight or bias of a layer. Its values depend on {@link manualSeed} and on how many parameters were made since.
 *
 * @param name - within the layer, e.g. `weight`
 * @param shape - PyTorch's: [Cout, Cin, K, K], [out, in] or [out]
 * @param fan - inputs of an output value, and outputs of an input value; what initializers scale by
 * @param initializer - default {@link uniformFanIn}, PyTorch's
 */
export function newParameter(
  name: string,
  shape: readonly number[],
  fan: { readonly in: number; readonly out: number },
  initializer: Initializer = uniformFanIn,
): Parameter {
  const random = randomOf(standaloneSeed, standaloneCount++);
  return new Parameter(name, shape, fan, (parameter) => initializer(parameter, random));
}

/**
 * Gives parameters new initial values.
 *
 * @param initializerOf - what each parameter is initialized by
 * @param seed - together with a parameter's position decides its values
 */
export function initialiseParameters(
  parameters: Iterable<Parameter>,
  initializerOf: (parameter: ParameterInfo) => Initializer,
  seed: number,
): void {
  let stream = 0;
  for (const parameter of parameters) {
    const random = randomOf(seed, stream++);
    parameter.initialise((info) => initializerOf(info)(info, random));
  }
}

function randomOf(seed: number, stream: number): InitializerRandom {
  const random = new RandomStream(seed, Purpose.initialise, stream);
  return {
    uniform: (size, bound) => {
      const values = new Float32Array(size);
      for (let i = 0; i < size; i++) values[i] = (2 * random.uniform(i) - 1) * bound;
      return values;
    },
    // Box & Muller 1958
    normal: (size, standardDeviation) =>
      Float32Array.from({ length: size }, (_, i) => {
        const radius = Math.sqrt(-2 * Math.log(1 - random.uniform(2 * i)));
        return standardDeviation * radius * Math.cos(2 * Math.PI * random.uniform(2 * i + 1));
      }),
  };
}

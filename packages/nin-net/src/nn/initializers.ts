/** Initial values of parameters: functions of seed and parameter, the same on every machine. */
import { Purpose, RandomStream } from "../core/random.ts";
import { Parameter } from "./parameter.ts";

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
 * A weight or bias with PyTorch's default initialisation, uniform in +-1/sqrt(fanIn).
 *
 * PyTorch draws weights from kaiming_uniform(a = sqrt(5)), which is that same interval.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export function newParameter(
  name: string,
  shape: readonly number[],
  fan: { readonly in: number; readonly out: number },
): Parameter {
  const seed = standaloneSeed;
  const stream = standaloneCount++;
  return new Parameter(name, shape, fan, (parameter) =>
    drawUniform(parameter.size, 1 / Math.sqrt(parameter.fanIn), seed, stream),
  );
}

/**
 * Gives every weight Xavier-uniform values, +-sqrt(6 / (fanIn + fanOut)), and every bias values in
 * +-1/sqrt(fanIn), as the tutorial does.
 *
 * @see Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks"
 */
export function initialiseXavier(parameters: Iterable<Parameter>, seed: number): void {
  let stream = 0;
  for (const parameter of parameters) {
    const own = stream++;
    parameter.initialise(({ size, fanIn, fanOut, name }) => {
      const bound = name === "bias" ? 1 / Math.sqrt(fanIn) : Math.sqrt(6 / (fanIn + fanOut));
      return drawUniform(size, bound, seed, own);
    });
  }
}

/** `size` values uniform in [-bound, bound). */
function drawUniform(size: number, bound: number, seed: number, stream: number): Float32Array {
  const random = new RandomStream(seed, Purpose.initialise, stream);
  return Float32Array.from({ length: size }, (_, i) => (2 * random.uniform(i) - 1) * bound);
}

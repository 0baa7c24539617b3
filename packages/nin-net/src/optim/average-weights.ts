import { type Node, type StateNode, state } from "../graph/node.ts";
import { definePointwise } from "../ops/pointwise/pointwise.ts";

/** Stands before the names of averages, on the device and in checkpoints. */
export const averagePrefix = "average.";

const averaged = definePointwise("average", (mean, value, decay, rest) =>
  mean.mul(decay).add(value.mul(rest)),
);

/**
 * Exponential moving averages: after every step, mean = decay mean + (1 - decay) value; after the first, mean = value.
 * A buffer of a single number, such as a count of batches, is copied.
 *
 * @param latest - every weight and buffer with its value after the step
 * @param scalars - {@link averageScalars} as nodes, [1] each
 * @returns the averages with their new values
 * @see Polyak & Juditsky 1992, "Acceleration of stochastic approximation by averaging"
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.swa_utils.AveragedModel.html, with
 *   `get_ema_multi_avg_fn(decay)` and `use_buffers=True`
 */
export function averageWeights(
  latest: ReadonlyMap<StateNode, Node>,
  scalars: Readonly<Record<keyof AverageScalars, Node>>,
): Map<StateNode, Node> {
  const updates = new Map<StateNode, Node>();
  for (const [{ name, type }, value] of latest) {
    const mean = state(averagePrefix + name, type.shape);
    const isCount = type.shape.length === 0;
    updates.set(mean, isCount ? value : averaged(mean, value, scalars.averageDecay, scalars.averageRest));
  }
  return updates;
}

export interface AverageScalars {
  readonly averageDecay: number;
  readonly averageRest: number;
}

/** The numbers of a step: of the first, those that make the averages the weights. */
export function averageScalars(decay: number, stepsBefore: number): AverageScalars {
  const kept = stepsBefore === 0 ? 0 : decay;
  return { averageDecay: kept, averageRest: 1 - kept };
}

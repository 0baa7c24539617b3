import {
  type AnySplit,
  DataIterator,
  type Dataset,
  type Device,
  type Preprocessing,
  type Recipe,
} from "nin-net";
import { networkOf } from "../runs/trained-run.ts";
import { openTrainingSession } from "./training-session.ts";

/** Slices have no more, unless a recipe asks for it. */
const mostTestImages = 64;

/**
 * The most memory that the engine takes for a recipe: one training step and one batch of the test images, weights,
 * gradients and activations together; the images of the data set, and what Node needs itself, are not counted.
 *
 * @param device - on which nothing has run yet
 * @returns bytes; null where the device cannot tell
 */
export async function trainingPeakBytes(
  recipe: Recipe,
  data: Dataset<AnySplit>,
  preprocessing: Preprocessing,
  device: Device,
): Promise<number | null> {
  if (device.peakBytes === undefined) return null;
  const { batchSize, seed, lr } = recipe;
  using session = await openTrainingSession(networkOf(recipe, data.image), device, recipe);
  const first = (split: AnySplit, limit: number) =>
    [...new DataIterator(split, { batchSize, ...preprocessing, limit }).batches(0)][0]!;
  const training = first(data.train, batchSize);
  // Of tests a slice is enough: a batch takes no more memory than that.
  const test = first(data.test, Math.min(batchSize, mostTestImages));
  await session.step(...training, { lr, seed, epoch: 0, step: 0, stepsBefore: 0 });
  await session.evaluate(...test);
  return device.peakBytes;
}

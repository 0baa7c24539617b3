import { DataIterator, type Dataset, type Device, type Preprocessing, type Recipe } from "nin-net";
import { networkOf } from "../runs/trained-run.ts";
import { openTrainingSession } from "./training-session.ts";

/** What a network costs on a device, in seconds an image. */
export interface TrainingCost {
  readonly trainSeconds: number;
  readonly testSeconds: number;
}

/** Engines first run unoptimised code: for so long nothing is measured, and for so long it is. */
const warmUpSeconds = 1;
const measuredSeconds = 1;
/** Images a step: the time of an image depends little on how many there are. */
const mostImages = 32;

/**
 * Measures some training steps of a recipe and some batches of the test images; nothing of them is kept.
 *
 * @throws the signal's reason once it is aborted
 */
export async function measureTraining(
  recipe: Recipe,
  data: Dataset,
  preprocessing: Preprocessing,
  device: Device,
  signal: AbortSignal,
): Promise<TrainingCost> {
  const { batchSize, seed, lr } = recipe;
  using session = await openTrainingSession(networkOf(recipe, data.image), device, recipe);
  const options = { batchSize, ...preprocessing, limit: Math.min(batchSize, mostImages) };
  const [training] = new DataIterator(data.train, options).batches(0);
  const [test] = new DataIterator(data.test, options).batches(0);
  const step = () => session.step(...training!, { lr, seed, epoch: 0, step: 0, stepsBefore: 0 });
  const trainSeconds = (await secondsOf(step, signal)) / training![1].length;
  const testSeconds = (await secondsOf(() => session.evaluate(...test!), signal)) / test![1].length;
  return { trainSeconds, testSeconds };
}

/** Of one call, on average. */
async function secondsOf(work: () => Promise<unknown>, signal: AbortSignal): Promise<number> {
  await repeated(work, warmUpSeconds, signal);
  const { calls, seconds } = await repeated(work, measuredSeconds, signal);
  return seconds / calls;
}

/** Calls once, and again until some time has passed. */
async function repeated(
  work: () => Promise<unknown>,
  atLeastSeconds: number,
  signal: AbortSignal,
): Promise<{ calls: number; seconds: number }> {
  const began = performance.now();
  for (let calls = 1; ; calls++) {
    signal.throwIfAborted();
    await work();
    const seconds = (performance.now() - began) / 1000;
    if (seconds >= atLeastSeconds) return { calls, seconds };
  }
}

import { type Dataset, type Device, preprocessingOf, type Recipe } from "nin-net";
import { measureTraining, type TrainingCost } from "../compare/training-cost.ts";
import { secondsFor } from "../compare/training-plan.ts";
import type { PlannedRun } from "./planned-run.ts";

/**
 * About what runs take from their beginning, by a few steps of each kind on this machine; of pictures of one's own
 * nothing is known before they are read.
 *
 * @throws DataError if a data set cannot be loaded; the signal's reason once it is aborted
 */
export async function estimates<R extends PlannedRun>(
  runs: readonly R[],
  {
    load,
    openDevice,
    signal,
  }: {
    readonly load: (dataset: string) => Promise<Dataset>;
    readonly openDevice: () => Promise<Device>;
    readonly signal: AbortSignal;
  },
): Promise<ReadonlyMap<R, number>> {
  const loaded = new Map<string, Dataset>();
  const costs = new Map<string, TrainingCost>();
  const seconds = new Map<R, number>();
  for (const run of runs) {
    const { recipe } = run;
    if (recipe === undefined) continue;
    const data = loaded.get(recipe.dataset) ?? (await load(recipe.dataset));
    loaded.set(recipe.dataset, data);
    const key = costKey(recipe);
    const cost = costs.get(key) ?? (await measured(recipe, data));
    costs.set(key, cost);
    const [trainImages, testImages] = [data.train.count, data.test.count];
    const limited = (limit: number | null, all: number) => Math.min(limit ?? all, all);
    const work = [limited(recipe.limit, trainImages), limited(recipe.testLimit, testImages)] as const;
    seconds.set(run, secondsFor(cost, recipe.epochs, ...work));
  }
  return seconds;

  async function measured(recipe: Recipe, data: Dataset): Promise<TrainingCost> {
    using device = await openDevice();
    return await measureTraining(recipe, data, preprocessingOf("recipe", recipe, data.image), device, signal);
  }
}

/** What decides how long an image takes. */
function costKey({
  net,
  netOptions,
  dataset,
  batchSize,
  optimizer,
  augment,
  ema,
  resize,
  slice,
}: Recipe): string {
  return JSON.stringify([
    net,
    netOptions,
    dataset,
    batchSize,
    optimizer.name,
    augment,
    ema !== null,
    resize,
    slice,
  ]);
}

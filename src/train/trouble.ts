import type { Evaluation } from "./evaluate.ts";

/**
 * What a person should know after an epoch, or null.
 *
 * The network's last ReLU can shut a class map for good: it gives 0 for every image, gets no gradient, and its
 * class is never found. 10 of 22 published runs of the tutorial's recipe ended so.
 */
export function trouble(evaluation: Evaluation, epoch: number): string | null {
  // Of weights that are no numbers nothing more can be said; {@link divergence} was.
  if (!Number.isFinite(evaluation.testLossNats)) return null;
  const { perClass, silentClasses, confusion } = evaluation;
  const names = (classes: readonly number[]): string => classes.map((k) => perClass[k]!.name).join(", ");
  if (silentClasses.length > 0) {
    const reachable = Math.round(100 * reachableAccuracy(evaluation));
    return (
      `${silentClasses.length} of ${perClass.length} class maps (${names(silentClasses)}) give 0 for every test image: ` +
      "the last ReLU has shut them off, so they no longer learn, and hardly more than " +
      `${reachable} % of the images can come out right. Start again with another seed or a lower learning rate.`
    );
  }
  const unpredicted = perClass.flatMap(({ support }, k) =>
    support > 0 && confusion.every((row) => row[k] === 0) ? [k] : [],
  );
  if (unpredicted.length > 0) {
    return (
      `${unpredicted.length} of ${perClass.length} classes (${names(unpredicted)}) were not predicted for any test image ` +
      `after epoch ${epoch}. If that lasts, start again with another seed or a lower learning rate.`
    );
  }
  return null;
}

/** What a person should know once a batch's loss is not a number. */
export function divergence(epoch: number, step: number): string {
  return (
    `The loss is no longer a number in epoch ${epoch}, step ${step}: the weights have grown without bound, ` +
    "and nothing more will be learned. Start again with a lower learning rate."
  );
}

/** Share of the images that belong to a class whose map is alive. */
function reachableAccuracy({ perClass, silentClasses }: Evaluation): number {
  const total = perClass.reduce((sum, { support }) => sum + support, 0);
  const lost = silentClasses.reduce((sum, k) => sum + perClass[k]!.support, 0);
  return (total - lost) / total;
}

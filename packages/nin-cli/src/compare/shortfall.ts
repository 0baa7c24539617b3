import { modelNamed } from "nin-net";
import { conjunction } from "../report/figures.ts";
import { grouped } from "../terminal/format.ts";
import { counted } from "../terminal/progress/sentences.ts";
import type { ComparedRun } from "./compared-run.ts";

/**
 * What runs were trained less than their network's own recipe asks for, in a sentence; null: nothing.
 *
 * @param labels - of all that were trained as much as this one
 */
export function shortfallOf(
  labels: readonly string[],
  { run, start, progress, testSet }: Pick<ComparedRun, "run" | "start" | "progress" | "testSet">,
): string | null {
  // Nobody knows what imported weights were trained with.
  if (start === undefined) return null;
  const { net } = run.config.recipe;
  const { epochs } = modelNamed(net).recipe;
  const all = Math.max(testSet.data.train.count, start.trainImages);
  if (progress.epoch >= epochs && start.trainImages === all) return null;
  const steps = progress.step > 0 ? ` and ${counted(progress.step, "step")}` : "";
  const images =
    start.trainImages === all
      ? `${grouped(all)} images`
      : `${grouped(start.trainImages)} of ${grouped(all)} images`;
  const done = `${counted(progress.epoch, "epoch")}${steps}`;
  const [were, own] = labels.length > 1 ? ["were each", "their"] : ["was", "its"];
  return `${conjunction(labels, 4)} ${were} trained for ${done} on ${images}; ${own} network's own recipe has ${counted(epochs, "epoch")} on all of them.`;
}

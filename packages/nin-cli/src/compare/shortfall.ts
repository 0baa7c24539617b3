import { modelNamed } from "nin-net";
import { grouped } from "../terminal/format.ts";
import { counted } from "../terminal/progress/sentences.ts";
import type { ComparedRun } from "./compared-run.ts";

/** What a run was trained less than its network's own recipe asks for, in a sentence; null: nothing. */
export function shortfallOf(
  label: string,
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
  return `${label} was trained for ${done} on ${images}; its network's own recipe has ${counted(epochs, "epoch")} on all of them.`;
}

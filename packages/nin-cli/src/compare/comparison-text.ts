import { conjunction, grouped } from "../report/figures.ts";
import { counted } from "../terminal/progress/sentences.ts";
import type { Accuracy, ComparisonRow } from "./rows.ts";

/** `0.860 to 0.873`. */
export function intervalText({ low, high }: Accuracy): string {
  return `${low.toFixed(3)} to ${high.toFixed(3)}`;
}

/** `0.031`; what is smaller than a thousandth says so. */
export function pText(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

/** `10 epochs, seed 250`. */
export function trainedText({ runs }: ComparisonRow): string {
  const [{ start, progress }] = runs;
  const seeds = runs.map(({ run }) => String(run.config.recipe.seed));
  const seedText = `${seeds.length === 1 ? "seed" : "seeds"} ${conjunction(seeds, 5)}`;
  if (start === undefined) return "imported";
  const steps = progress.step > 0 ? ` + ${counted(progress.step, "step")}` : "";
  return `${counted(progress.epoch, "epoch")}${steps} of ${grouped(start.trainImages)}, ${seedText}`;
}

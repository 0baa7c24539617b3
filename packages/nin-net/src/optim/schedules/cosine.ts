import * as z from "zod";
import { defineSchedule } from "../schedule.ts";

/**
 * Half a cosine from the learning rate down to a share of it, over the steps of the run.
 *
 * @see Loshchilov & Hutter 2017, "SGDR: stochastic gradient descent with warm restarts" (arXiv:1608.03983)
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 */
export const cosine = defineSchedule("cosine", {
  title: "down along half a cosine",
  spansRun: true,
  settings: z.strictObject({
    final: z.number().min(0).max(1).default(0).describe("share of the rate after the last step"),
  }),
  factor: ({ step, steps }, { final }) => annealed(1, final, step / Math.max(1, steps)),
});

/** From `start` (progress 0) to `end` (progress 1) along half a cosine. */
export function annealed(start: number, end: number, progress: number): number {
  return end + ((start - end) * (1 + Math.cos(Math.PI * progress))) / 2;
}

import * as z from "zod";
import { defineSchedule } from "../schedule.ts";
import { annealed } from "./cosine.ts";

/**
 * Up to the learning rate along half a cosine, then down to almost nothing along another.
 *
 * @see Smith & Topin 2018, "Super-convergence" (arXiv:1708.07120)
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 */
export const oneCycle = defineSchedule("one-cycle", {
  title: "up to the rate and down again",
  spansRun: true,
  settings: z.strictObject({
    rise: z.number().min(0).max(1).default(0.3).describe("share of the steps on the way up"),
    start: z.number().positive().max(1).default(0.04).describe("share of the rate before the first step"),
    final: z.number().min(0).max(1).default(4e-6).describe("share of the rate at the last step"),
  }),
  factor: ({ step, steps }, { rise, start, final }) => {
    const top = rise * steps - 1; // the step at which the rate is highest, as PyTorch counts
    if (step <= top) return annealed(start, 1, top > 0 ? step / top : 1);
    return annealed(1, final, Math.min(1, (step - top) / Math.max(1, steps - 1 - top)));
  },
});

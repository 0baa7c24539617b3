import * as z from "zod";
import { defineSchedule } from "../schedule.ts";

/**
 * Multiplies the learning rate by gamma every so many epochs.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 */
export const step = defineSchedule("step", {
  title: "times gamma every so many epochs",
  settings: z.strictObject({
    epochs: z.int().min(1).default(3).describe("between two changes"),
    gamma: z.number().positive().max(1).default(0.1).describe("what the rate is multiplied by"),
  }),
  factor: ({ step, stepsPerEpoch }, { epochs, gamma }) =>
    gamma ** Math.floor(Math.floor(step / stepsPerEpoch) / epochs),
});

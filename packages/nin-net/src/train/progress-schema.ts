import * as z from "zod";

const count = z.int().min(0);
const share = z.number().min(0).max(1);
const seconds = z.number().min(0);

/** How far a run has come: everything besides weights that decides what it does next, and its clocks. */
export const progressSchema = z.strictObject({
  /** Whole epochs done, their evaluation included. */
  epoch: count,
  /** Steps done in the epoch after them. */
  step: count,
  /** Sums over the images of the last epoch in which a step was done. */
  running: z.strictObject({
    /** Of each image's loss. */
    lossNatsSum: z.number(),
    /** Images that were classified rightly. */
    correct: count,
    /** Images that were seen. */
    images: count,
  }),
  /** The recipe's learning rate, halved by every rollback. */
  lr: z.number().positive(),
  /** How often a divergence was answered by going back. */
  rollbacks: count,
  /** After the last whole epoch; null before the first. */
  testAccuracy: share.nullable(),
  /** The first epoch of the highest test accuracy; null before the first. */
  best: z
    .strictObject({
      /** Whole epochs done when it was measured. */
      epoch: count,
      /** 0..1 */
      testAccuracy: share,
    })
    .nullable(),
  /** Class maps, by index, that were said to be dead after the last whole epoch. */
  deadClassMaps: z.array(count),
  /** Time spent at work, over all the processes that the run was trained by. */
  seconds: z.strictObject({
    /** In the whole run. */
    run: seconds,
    /** In training steps alone. */
    training: seconds,
    /** In the current epoch. */
    epoch: seconds,
    /** In training steps of the current epoch. */
    epochTraining: seconds,
  }),
});

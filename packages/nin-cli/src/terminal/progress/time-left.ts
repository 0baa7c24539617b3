import type { StepEvent, TrainEvent } from "nin-net";

/** A forward pass costs about a third of a training step, which also goes backward to inputs and weights. */
const forwardShare = 1 / 3;

/** Estimates from a run's events how many seconds it still needs. */
export class TimeLeft {
  #epochs = 0;
  #trainImages = 0;
  #testImages = 0;
  /** Of the last whole epoch: what it took besides training steps. */
  #measuredRestSeconds: number | undefined;

  observe(event: TrainEvent): void {
    if (event.kind === "start") {
      this.#epochs = event.recipe.epochs;
      this.#trainImages = event.trainImages;
      this.#testImages = event.testImages;
    } else if (event.kind === "epoch") {
      this.#measuredRestSeconds = Math.max(0, event.seconds - this.#trainImages / event.imagesPerSecond);
    }
  }

  /** @returns seconds until the epoch and the run are over, testing included */
  after(step: StepEvent): { epochSeconds: number; runSeconds: number } {
    const trainSeconds = this.#trainImages / step.imagesPerSecond;
    const restSeconds = this.#measuredRestSeconds ?? (forwardShare * this.#testImages) / step.imagesPerSecond;
    const epochSeconds = trainSeconds * (1 - step.step / step.steps) + restSeconds;
    return {
      epochSeconds,
      runSeconds: epochSeconds + (this.#epochs - step.epoch) * (trainSeconds + restSeconds),
    };
  }
}

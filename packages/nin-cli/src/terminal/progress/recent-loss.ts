import type { TrainEvent } from "nin-net";

const steps = 20;

/** The mean loss of the last steps: it moves when the mean of the epoch hardly does. */
export class RecentLoss {
  #losses: number[] = [];

  observe(event: TrainEvent): void {
    if (event.kind === "step") this.#losses = [...this.#losses.slice(1 - steps), event.batchLossNats];
  }

  /** In nats; NaN before the first step. */
  get mean(): number {
    return this.#losses.reduce((sum, loss) => sum + loss, 0) / this.#losses.length;
  }
}

import type { StepEvent } from "nin-net";

/** Points of an epoch's curve. */
const perEpoch = 50;

/** The loss over the steps of a run, averaged over fiftieths of an epoch: as many points for any number of steps. */
export class StepLosses {
  readonly #windows: { readonly index: number; x: number; sum: number; count: number }[] = [];

  add({ epoch, step, steps, batchLossNats }: StepEvent): void {
    const index = (epoch - 1) * perEpoch + Math.floor(((step - 1) * perEpoch) / steps);
    const x = epoch - 1 + step / steps;
    if (x <= (this.#windows.at(-1)?.x ?? 0)) this.#goBack(index);
    let window = this.#windows.at(-1);
    if (window?.index !== index) {
      window = { index, x, sum: 0, count: 0 };
      this.#windows.push(window);
    }
    window.x = x;
    window.sum += batchLossNats;
    window.count++;
  }

  /** Forgets what came from a window on: after a rollback the run is there again. */
  #goBack(index: number): void {
    while ((this.#windows.at(-1)?.index ?? -1) >= index) this.#windows.pop();
  }

  /** x: epochs done at the last step of a window, y: mean loss within it, in nats. */
  points(): { readonly x: number; readonly y: number }[] {
    return this.#windows.map(({ x, sum, count }) => ({ x, y: sum / count }));
  }
}

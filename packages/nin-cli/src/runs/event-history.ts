import type { StepEvent, TrainEvent } from "nin-net";
import { StepLosses } from "./step-losses.ts";

/**
 * The events of a run without its steps, of which the newest and mean losses are kept: it grows by a little with every
 * epoch.
 */
export class EventHistory {
  readonly #events: TrainEvent[] = [];
  readonly #losses = new StepLosses();
  #step: StepEvent | undefined;
  /** Events that came before the newest step. */
  #beforeStep = 0;

  add(event: TrainEvent): void {
    if (event.kind !== "step") {
      this.#events.push(event);
      return;
    }
    this.#losses.add(event);
    this.#step = event;
    this.#beforeStep = this.#events.length;
  }

  /** Over the run, averaged over parts of epochs. */
  stepLosses(): ReturnType<StepLosses["points"]> {
    return this.#losses.points();
  }

  /** In the order in which they happened. */
  events(): TrainEvent[] {
    return this.#step === undefined
      ? [...this.#events]
      : this.#events.toSpliced(this.#beforeStep, 0, this.#step);
  }
}

/** Knows an event by its kind: its fields are those of the version that wrote it. */
export function isEvent(value: unknown): value is TrainEvent {
  return typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string";
}

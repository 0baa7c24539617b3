import type { TrainEvent } from "./events.ts";
import type { ScoredEvaluation } from "./scored-evaluation.ts";
import type { TrainingState } from "./training-state.ts";

/** Accompanies a run. Training waits for each call, and an error that a call throws ends it. */
export interface TrainCallback {
  /** Told of every event, in order. */
  onEvent?(event: TrainEvent): void | Promise<void>;
  /**
   * Told, before the `epoch` event, what the network does on each test image; its own parameters are those of that
   * moment, and the epoch has been kept.
   */
  onEvaluation?(evaluated: ScoredEvaluation): void | Promise<void>;
  /** Whether a checkpoint is to be made after this step; before the first step and after each epoch there always is. */
  isCheckpointDue?(): boolean;
  /** Keeps a checkpoint; called when every event so far has been told, except those that the state holds itself. */
  onCheckpoint?(state: TrainingState): void | Promise<void>;
}

/** Tells callbacks of events before it yields them. */
export async function* notified<Event extends TrainEvent>(
  events: AsyncIterable<Event>,
  callbacks: readonly TrainCallback[],
): AsyncGenerator<Event, void, undefined> {
  for await (const event of events) {
    for (const callback of callbacks) await callback.onEvent?.(event);
    yield event;
  }
}

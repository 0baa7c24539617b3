import type { DivergenceEvent } from "./events.ts";
import type { Progress } from "./training-state.ts";

/** What to do when a loss is not finite: end training, or go back an epoch and halve the learning rate. */
export const divergencePolicies = ["stop", "rollback"] as const;
/** One of {@link divergencePolicies}. */
export type DivergencePolicy = (typeof divergencePolicies)[number];

/** A rate that still diverges after so many halvings was not the only trouble. */
export const mostRollbacks = 3;

/** Where a loss was no finite number. */
export interface Divergence {
  /** From 1. */
  readonly epoch: number;
  /** From 1, within the epoch; the epoch's last if it was the test loss. */
  readonly step: number;
  readonly ofTest: boolean;
  readonly lr: number;
}

/** Training ends. */
export function stopEvent(where: Divergence, rollbacks: number): DivergenceEvent {
  const tried =
    rollbacks === 0
      ? `Start again with a lower learning rate, such as ${shortNumber(where.lr / 10)}, or let a divergence roll back.`
      : `${rollbacks} rollbacks with half the learning rate each did not help: start again with another recipe.`;
  return {
    ...place(where),
    action: "stop",
    message: `${what(where)} Training has stopped, and the last good checkpoint is kept. ${tried}`,
  };
}

/** Training goes on from `to`, at the learning rate there. */
export function rollbackEvent(where: Divergence, to: Progress): DivergenceEvent {
  const from =
    to.step > 0
      ? `step ${to.step} of epoch ${to.epoch + 1}`
      : to.epoch > 0
        ? `the end of epoch ${to.epoch}`
        : "the start";
  return {
    ...place(where),
    action: "rollback",
    message:
      `${what(where)} Going back to ${from} with half the learning rate, ${shortNumber(to.lr)} ` +
      `(rollback ${to.rollbacks} of at most ${mostRollbacks}).`,
  };
}

function place({ epoch, step, lr }: Divergence): Omit<DivergenceEvent, "action" | "message"> {
  return { kind: "divergence", epoch, step, lr };
}

function what({ epoch, step, ofTest, lr }: Divergence): string {
  const loss = ofTest ? `The test loss after epoch ${epoch}` : `The loss in epoch ${epoch}, step ${step}`;
  return `${loss} is not finite: at learning rate ${shortNumber(lr)} the weights have grown without bound.`;
}

/** Without the digits that dividing leaves: 0.1 / 10 is 0.01. */
function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

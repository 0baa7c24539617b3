import type { TrainCallback, TrainEvent } from "nin-net";

/**
 * A callback that a run can do without, such as one that draws: after its first failure, which is told, it is not
 * called again.
 *
 * @param loss - what there will be none of, e.g. `There will be no report`
 * @param warn - is told that, and why
 */
export function optionalCallback(
  callback: Pick<TrainCallback, "onEvent" | "onEvaluation">,
  loss: string,
  warn: (message: string) => void,
): TrainCallback {
  let hasFailed = false;
  const attempt = async (work: () => void | Promise<void>): Promise<void> => {
    if (hasFailed) return;
    try {
      await work();
    } catch (error) {
      hasFailed = true;
      warn(`${loss}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return {
    onEvent: (event: TrainEvent) => attempt(() => callback.onEvent?.(event)),
    onEvaluation: (evaluated) => attempt(() => callback.onEvaluation?.(evaluated)),
  };
}

import { realpathSync } from "node:fs";
import { basename } from "node:path";
import type { EpochEvent, StartEvent, TrainEvent } from "nin-net";
import type { Point } from "../report/line-chart.ts";
import { epochsOf, startOf } from "../report/report-data.ts";
import { type CheckpointInfo, RunFolder } from "../runs/run-folder.ts";
import { checkExists } from "../runs/run-path.ts";
import { UsageError } from "../terminal/exit-status.ts";

/** What a run's folder tells of it. */
export interface RunRecord {
  readonly run: RunFolder;
  /** What runs of its recipe are to be called; left out: by their network or their folder. */
  readonly label?: string | undefined;
  /** Of the folder, without those above it. */
  readonly name: string;
  /** Undefined where nobody has trained it here: its weights were imported. */
  readonly start: StartEvent | undefined;
  /** In their order; where one was done again, the last counts. */
  readonly epochs: readonly EpochEvent[];
  /** The loss over the steps: x in epochs, y in nats. */
  readonly stepLosses: readonly Point[];
  /** How far its weights have come. */
  readonly progress: CheckpointInfo;
}

/**
 * @param label - what runs of its recipe are to be called
 * @throws DataError if there is no such run, it is damaged, or it has no weights yet
 */
export async function readRun(path: string, label?: string): Promise<RunRecord> {
  checkExists(path);
  const run = await RunFolder.open(path);
  const { epoch, step } = (await run.readCheckpoint()).state.progress;
  const history = await run.findHistory();
  const events: readonly TrainEvent[] = history?.events() ?? [];
  return {
    run,
    label,
    name: basename(realpathSync(path)),
    start: startOf({ events }),
    // An epoch may have been told, and the run stopped before the weights after it were kept.
    epochs: epochsOf({ events }).filter((each) => each.epoch <= epoch),
    stepLosses: history?.stepLosses() ?? [],
    progress: { epoch, step },
  };
}

/** @throws DataError if one is missing, UsageError if one folder is named twice */
export function checkDistinct(paths: readonly string[]): void {
  const known = new Set<string>();
  for (const path of paths) {
    checkExists(path);
    const real = realpathSync(path);
    if (known.has(real)) {
      throw new UsageError(`${path}: got this run twice, expected different ones. Name it once.`);
    }
    known.add(real);
  }
}

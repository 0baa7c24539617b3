import type { RunFolder } from "#nin-cli/runs/run-folder.js";
import type { TrainEvent } from "#nin-net/train/events.js";

/** All events of a run, for runs whose events fit into memory. */
export async function eventsOf(run: RunFolder): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of run.events()) events.push(event);
  return events;
}

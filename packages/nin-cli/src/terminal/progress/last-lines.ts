import { caveatsOf, type DoneEvent, presets, resultLines, type StartEvent } from "nin-net";
import { quoted } from "../format.ts";
import { programCall } from "../invocation.ts";

/** What the end of a run is told from. */
export interface FinishedRun {
  readonly start: StartEvent;
  readonly done: DoneEvent;
  /** As a person would type it. */
  readonly folder: string;
  /** A divergence has rolled back already, as often as it may. */
  readonly hasRolledBack: boolean;
  /** The run was a short one: say how the real one is started. */
  readonly isQuick: boolean;
}

/** The end of a run: the tutorial's two lines, where everything lies, what to do next. */
export function lastLines({ start, done, folder, hasRolledBack, isQuick }: FinishedRun): string[] {
  const lines: string[] = [];
  if (done.trainLossNats !== null) {
    const [figures, speed] = resultLines(done, start.device);
    const caveats = caveatsOf(start.recipe);
    lines.push(caveats.length === 0 ? figures : `${figures} (${caveats.join("; ")})`, speed);
  }
  const call = programCall();
  const typed = quoted(folder);
  switch (done.reason) {
    case "finished":
      lines.push(`Run folder: ${typed}`);
      break;
    case "stopped":
      lines.push(`Stopped; the weights so far are in ${typed}`, `Go on: ${call} train --resume ${typed}`);
      break;
    case "diverged":
      lines.push(`The last good weights are in ${typed}`);
      if (!hasRolledBack) {
        lines.push(
          `Go on with half the learning rate: ${call} train --resume ${typed} --on-divergence rollback`,
        );
      }
      break;
    default:
      done.reason satisfies never;
  }
  if (done.testAccuracy !== null) {
    lines.push(`Report: ${quoted(`${folder}/report.html`)}`, `Each class: ${call} evaluate ${typed}`);
  }
  if (isQuick && done.reason === "finished") {
    const { epochs, resize } = presets.tutorial;
    lines.push(
      "This was a small Network in Network with batch normalization, on images as they are.",
      "The tutorial's network with batch normalization and a modern recipe:",
      `  ${call} train --preset robust`,
      `The tutorial's recipe as published (${epochs} epochs, ${resize} x ${resize}):`,
      `  ${call} train`,
    );
  }
  return lines;
}

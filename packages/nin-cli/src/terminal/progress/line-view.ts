import type { TrainEvent } from "nin-net";
import { clock, rate } from "../format.ts";
import { RecentLoss } from "./recent-loss.ts";
import { epochLine, epochName, noteOf, startLines } from "./sentences.ts";
import { TimeLeft } from "./time-left.ts";
import type { ProgressView } from "./view.ts";

/** A line for a tenth of an epoch at most, and not more often than this. */
const secondsBetweenLines = 10;

/**
 * Shows a run as lines, for files and pipes: one for each epoch, and some in between when it is slow.
 *
 * @param write - takes one line
 * @param now - seconds, from any origin
 */
export function lineView(write: (line: string) => void, now = () => performance.now() / 1000): ProgressView {
  const timeLeft = new TimeLeft();
  const recent = new RecentLoss();
  let epochs = 0;
  let lastTenth = 0;
  let lastLineSeconds = now();

  return {
    show(event: TrainEvent) {
      timeLeft.observe(event);
      recent.observe(event);
      switch (event.kind) {
        case "start":
          epochs = event.recipe.epochs;
          for (const line of startLines(event)) write(line);
          lastLineSeconds = now();
          return;
        case "step": {
          if (event.step === 1) lastTenth = 0;
          const tenth = Math.floor((10 * event.step) / event.steps);
          const isDue = tenth > lastTenth && now() - lastLineSeconds >= secondsBetweenLines;
          if (!isDue || event.step === event.steps) return;
          lastTenth = tenth;
          lastLineSeconds = now();
          const left = timeLeft.after(event);
          write(
            [
              `${epochName(event.epoch, epochs)} ${String(Math.floor((100 * event.step) / event.steps)).padStart(3)} %`,
              `loss ${recent.mean.toFixed(3)}, mean ${event.lossNats.toFixed(3)}`,
              `train acc ${event.accuracy.toFixed(3)}`,
              `${rate(event.imagesPerSecond)} images/s`,
              `left ${clock(left.epochSeconds)}, run ${clock(left.runSeconds)}`,
            ].join("  "),
          );
          return;
        }
        case "epoch":
          write(epochLine(event, epochs));
          lastLineSeconds = now();
          return;
        case "notice":
        case "deadClassMaps":
        case "divergence": {
          const text = noteOf(event);
          if (text !== null) write(`note: ${text}`);
          return;
        }
        case "done":
          return;
        default:
          return event satisfies never;
      }
    },
    note: write,
    [Symbol.dispose]() {},
  };
}

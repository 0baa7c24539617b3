import { styleText } from "node:util";
import type { TrainEvent } from "nin-net";
import { clock, rate } from "../format.ts";
import type { OutputStream } from "../output.ts";
import { RecentLoss } from "./recent-loss.ts";
import { epochLine, epochName, noteOf, startLines } from "./sentences.ts";
import { barLine, percentage, StatusLines } from "./status-lines.ts";
import { TimeLeft } from "./time-left.ts";
import type { ProgressView } from "./view.ts";

const barColumns = 20;
/** `1:43:40 left`. */
const leftColumns = 12;

/** What a bar shows, from left to right. */
interface Bar {
  readonly name: string;
  readonly done: number;
  readonly total: number;
  readonly left: string;
  readonly figures: string;
}

/**
 * Shows a run on a terminal: a bar for the epoch, a bar for the run, and above them a line for each epoch done.
 */
export function barView(stream: OutputStream): ProgressView {
  const timeLeft = new TimeLeft();
  const recent = new RecentLoss();
  let lines: StatusLines | undefined;
  let epochs = 0;
  let stepsPerEpoch = 0;

  const line = ({ name, done, total, left, figures }: Bar) => {
    const share = done / total;
    return barLine(stream, {
      share,
      before: ` ${name}`,
      after: `${percentage(share).padStart(3)} %  ${left}  ${figures}`,
      mostColumns: barColumns,
      afterColumns: "100 %  1:43:40 left  acc 0.500 1000 images/s".length,
      paint: (text) => styleText("cyan", text, { stream }),
    });
  };
  const note = (text: string) => {
    if (lines) lines.log(text);
    else stream.write(`${text}\n`);
  };

  return {
    show(event: TrainEvent) {
      timeLeft.observe(event);
      recent.observe(event);
      switch (event.kind) {
        case "start": {
          epochs = event.recipe.epochs;
          stepsPerEpoch = event.stepsPerEpoch;
          for (const line of startLines(event)) note(line);
          const { epoch, step } = event.resumedAfter ?? { epoch: 0, step: 0 };
          const name = epochName(Math.min(epoch + 1, epochs), epochs);
          const run = { done: epoch * stepsPerEpoch + step, total: stepsPerEpoch * epochs };
          lines = new StatusLines(stream);
          lines.update([
            line({ name, done: step, total: stepsPerEpoch, left: "warming up", figures: "" }),
            line({ name: "run".padEnd(name.length), ...run, left: "", figures: "" }),
          ]);
          return;
        }
        case "step": {
          const left = timeLeft.after(event);
          const isTesting = event.step === event.steps;
          const name = epochName(event.epoch, epochs);
          lines?.update([
            line({
              name,
              done: event.step,
              total: event.steps,
              left: (isTesting ? "testing" : `${clock(left.epochSeconds)} left`).padEnd(leftColumns),
              figures: `loss ${recent.mean.toFixed(3)} mean ${event.lossNats.toFixed(3)}`,
            }),
            line({
              name: "run".padEnd(name.length),
              done: (event.epoch - 1) * stepsPerEpoch + event.step,
              total: stepsPerEpoch * epochs,
              left: `${clock(left.runSeconds)} left`.padEnd(leftColumns),
              figures: `acc ${event.accuracy.toFixed(3)} ${rate(event.imagesPerSecond)} images/s`,
            }),
          ]);
          return;
        }
        case "epoch":
          note(epochLine(event, epochs));
          return;
        case "notice":
        case "deadClassMaps":
        case "divergence": {
          const text = noteOf(event);
          if (text !== null) note(`${styleText("yellow", "note:", { stream })} ${text}`);
          return;
        }
        case "done":
          return;
        default:
          return event satisfies never;
      }
    },
    note,
    [Symbol.dispose]: () => lines?.[Symbol.dispose](),
  };
}

import { styleText } from "node:util";
import { MultiBar, type SingleBar } from "cli-progress";
import type { TrainEvent } from "nin-net";
import { clock, columnsOf, rate, wrapped } from "../format.ts";
import type { OutputStream } from "../output.ts";
import { RecentLoss } from "./recent-loss.ts";
import { epochLine, epochName, noteOf, startLines } from "./sentences.ts";
import { TimeLeft } from "./time-left.ts";
import type { ProgressView } from "./view.ts";

const barColumns = 20;
/** `1:43:40 left`. */
const leftColumns = 12;

/**
 * Shows a run on a terminal: a bar for the epoch, a bar for the run, and above them a line for each epoch done.
 */
export function barView(stream: OutputStream): ProgressView {
  const timeLeft = new TimeLeft();
  const recent = new RecentLoss();
  const bars = new MultiBar({
    stream,
    barsize: barColumns,
    hideCursor: true,
    clearOnComplete: true,
    format: " {name}  {bar} {percentage} %  {left}  {figures}",
    formatValue: (value, _options, type) =>
      type === "percentage" ? String(value).padStart(3) : String(value),
    formatBar(progress, { barsize = barColumns }) {
      const filled = Math.round(progress * barsize);
      return styleText("cyan", "█".repeat(filled), { stream }) + "░".repeat(barsize - filled);
    },
  });
  let epochBar: SingleBar | undefined;
  let runBar: SingleBar | undefined;
  let epochs = 0;
  let stepsPerEpoch = 0;
  let isOpen = true;

  const note = (text: string) => {
    if (epochBar && isOpen) {
      // While the bars are up the terminal cuts long lines off instead of wrapping them.
      for (const line of wrapped(text, columnsOf(stream))) bars.log(`\x1b[2K${line}\n`);
      bars.update();
    } else {
      stream.write(`${text}\n`);
    }
  };

  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    process.off("exit", close);
    if (epochBar) bars.update();
    bars.stop();
  };
  process.on("exit", close); // a second Ctrl-C must not leave the terminal without its cursor

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
          epochBar = bars.create(stepsPerEpoch, step, { name, left: "warming up", figures: "" });
          runBar = bars.create(stepsPerEpoch * epochs, epoch * stepsPerEpoch + step, {
            name: "run".padEnd(name.length),
            left: "",
            figures: "",
          });
          return;
        }
        case "step": {
          const left = timeLeft.after(event);
          const isTesting = event.step === event.steps;
          epochBar?.setTotal(event.steps);
          epochBar?.update(event.step, {
            name: epochName(event.epoch, epochs),
            left: (isTesting ? "testing" : `${clock(left.epochSeconds)} left`).padEnd(leftColumns),
            figures: `loss ${recent.mean.toFixed(3)} mean ${event.lossNats.toFixed(3)}`,
          });
          runBar?.update((event.epoch - 1) * stepsPerEpoch + event.step, {
            left: `${clock(left.runSeconds)} left`.padEnd(leftColumns),
            figures: `acc ${event.accuracy.toFixed(3)} ${rate(event.imagesPerSecond)} images/s`,
          });
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
    [Symbol.dispose]: close,
  };
}

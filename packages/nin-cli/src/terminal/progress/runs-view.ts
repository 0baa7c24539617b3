import type { TrainEvent } from "nin-net";
import { clock } from "../format.ts";
import type { Output } from "../output.ts";
import { StatusLines } from "./status-lines.ts";
import { TimeLeft } from "./time-left.ts";

/** Shows how several runs go on: a line for each that has ended, and what is running. */
export interface RunsView extends Disposable {
  /** @param name - of a run that begins, or goes on */
  begin(name: string): void;
  show(name: string, event: TrainEvent): void;
  /**
   * @param name - of a run that is no longer there
   * @param text - what it has come to
   */
  end(name: string, text: string): void;
  /** A line beside the progress. */
  note(text: string): void;
}

/** How far a run has come. */
interface Running {
  readonly timeLeft: TimeLeft;
  epochs: number;
  text: string;
}

/** Elsewhere than on a terminal no more names are told of what is running. */
const mostNames = 4;

/** Of a terminal that does not know its size. */
const usualRows = 24;

/** On a terminal a line for each running run at the foot; elsewhere their names at the end of each line. */
export function runsView(output: Output): RunsView {
  const { stderr } = output;
  const running = new Map<string, Running>();
  const lines = stderr.isTTY ? new StatusLines(stderr) : undefined;
  const draw = () => {
    const all = [...running].map(([name, { text }]) => ` ${name}  ${text}`);
    const most = Math.max(1, (stderr.rows || usualRows) - 2);
    lines?.update(all.length > most ? [...all.slice(0, most), ` and ${all.length - most} more`] : all);
  };
  const note = (text: string) => {
    if (lines) lines.log(text);
    else output.note(text);
  };
  return {
    begin(name) {
      running.set(name, { timeLeft: new TimeLeft(), epochs: 0, text: "starting" });
      draw();
    },
    show(name, event) {
      const run = running.get(name)!;
      run.timeLeft.observe(event);
      if (event.kind === "start") run.epochs = event.recipe.epochs;
      if (event.kind === "step") run.text = stepText(run, event);
      draw();
    },
    end(name, text) {
      running.delete(name);
      const names = [...running.keys()];
      const shown =
        names.length > mostNames ? [...names.slice(0, mostNames), `${names.length - mostNames} more`] : names;
      const others = `; running: ${conjunction.format(shown)}`;
      draw();
      note(`${name}: ${text}${lines || names.length === 0 ? "" : others}`);
    },
    note,
    [Symbol.dispose]: () => lines?.[Symbol.dispose](),
  };
}

// British English: no comma before the last.
const conjunction = new Intl.ListFormat("en-GB", { type: "conjunction" });

function stepText({ timeLeft, epochs }: Running, event: TrainEvent & { readonly kind: "step" }): string {
  const left = clock(timeLeft.after(event).runSeconds);
  return `epoch ${event.epoch}/${epochs}  step ${event.step}/${event.steps}  loss ${event.lossNats.toFixed(3)}  ${left} left`;
}

import type { TrainEvent } from "nin-net";
import { noteOf } from "./sentences.ts";

/** Shows a run while it goes on. */
export interface ProgressView extends Disposable {
  show(event: TrainEvent): void;
  /** A line beside the progress, e.g. that Ctrl-C was understood. */
  note(text: string): void;
}

/** Shows nothing but notices. */
export function quietView(note: (text: string) => void): ProgressView {
  return {
    show(event) {
      const text = noteOf(event);
      if (text !== null) note(`note: ${text}`);
    },
    note,
    [Symbol.dispose]() {},
  };
}

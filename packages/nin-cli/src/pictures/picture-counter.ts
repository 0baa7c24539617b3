import type { Prediction } from "nin-net";
import { ExitStatus } from "../terminal/exit-status.ts";
import { grouped } from "../terminal/format.ts";
import type { Output } from "../terminal/output.ts";
import type { BrokenPicture, ReadyPicture } from "./pictures.ts";

/** Counts pictures that were classified, correctly where the true class is known, and that could not be used. */
export class PictureCounter {
  readonly #output: Output;
  readonly #json: boolean;
  #done = 0;
  #broken = 0;
  #labelled = 0;
  #right = 0;

  constructor(output: Output, { json = false }: { readonly json?: boolean }) {
    this.#output = output;
    this.#json = json;
  }

  count({ label, name, notes }: ReadyPicture, { top }: Prediction): void {
    this.#done++;
    if (!this.#json) for (const { message } of notes) this.#output.note(`${name}: ${message}`);
    if (label === undefined) return;
    this.#labelled++;
    if (top.index === label) this.#right++;
  }

  /** Reports why a picture was left out: as an error, and in JSON in place of the result. */
  broken({ name, message }: BrokenPicture): void {
    this.#broken++;
    if (this.#json) this.#output.json({ picture: name, error: message });
    this.#output.error(`${name}: ${message}`);
  }

  /** Prints totals where there are any. @returns the exit status */
  end(): ExitStatus {
    if (this.#labelled > 1 && !this.#json) {
      this.#output.result(`${grouped(this.#right)} of ${grouped(this.#labelled)} right`);
    }
    const all = this.#done + this.#broken;
    if (this.#broken > 0 && all > 1) {
      const verb = this.#broken === 1 ? "was" : "were";
      this.#output.note(
        `${grouped(this.#broken)} of ${grouped(all)} pictures ${verb} left out; the others are done.`,
      );
    }
    return this.#broken > 0 ? ExitStatus.failed : ExitStatus.done;
  }
}

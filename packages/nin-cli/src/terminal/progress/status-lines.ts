import { columnsOf, wrapped } from "../format.ts";
import type { OutputStream } from "../output.ts";

/** Milliseconds between two drawings, at least. */
const interval = 100;

const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
/** The terminal cuts long lines off instead of wrapping them: what was drawn keeps its number of lines. */
const cutLines = "\x1b[?7l";
const wrapLines = "\x1b[?7h";
const firstColumn = "\x1b[1G";
const clearBelow = "\x1b[0J";

/** Lines at the foot of a terminal that are drawn again in place, as progress bars are. */
export class StatusLines implements Disposable {
  readonly #stream: OutputStream;
  readonly #close = () => this[Symbol.dispose]();
  #lines: readonly string[] = [];
  /** Lines on the screen now. */
  #drawn = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = true;

  constructor(stream: OutputStream) {
    this.#stream = stream;
    stream.write(hideCursor + cutLines);
    process.on("exit", this.#close); // a second Ctrl-C must not leave the terminal without its cursor
  }

  /** Shows these lines instead of those before: at once, or soon if that was just done. */
  update(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    this.#lines = lines;
    const wait = this.#drawnAt + interval - performance.now();
    if (wait <= 0) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), wait).unref();
  }

  /** Writes text above the lines, to stay. */
  log(text: string): void {
    if (this.#isOpen) this.#draw(wrapped(text, columnsOf(this.#stream)));
    else this.#stream.write(`${text}\n`);
  }

  /** Leaves the lines where they are, as they were last, and ends. */
  keep(): void {
    if (!this.#isOpen) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#draw(lines);
    this[Symbol.dispose]();
  }

  /** Takes the lines away. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#lines = [];
    this.#draw();
    this.#isOpen = false;
    process.off("exit", this.#close);
    this.#stream.write(wrapLines + showCursor);
  }

  /** @param above - lines that stay */
  #draw(above: readonly string[] = []): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawnAt = performance.now();
    const up = this.#drawn > 1 ? `\x1b[${this.#drawn - 1}A` : "";
    const text = above.map((line) => `${line}\n`).join("") + this.#lines.join("\n");
    this.#stream.write(up + firstColumn + clearBelow + text);
    this.#drawn = this.#lines.length;
  }
}

/**
 * `████░░░░`.
 *
 * @param share - 0..1 of it is filled
 * @param paint - gives what is filled its colour
 */
export function bar(share: number, columns: number, paint = (text: string) => text): string {
  const filled = Math.round(Math.min(1, share) * columns);
  return paint("█".repeat(filled)) + "░".repeat(columns - filled);
}

/** `40`, of 100; never more than was reached. */
export function percentage(share: number): string {
  return String(Math.floor(100 * Math.min(1, share) + 1e-9));
}

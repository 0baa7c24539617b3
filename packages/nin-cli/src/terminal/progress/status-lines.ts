import { columnsOf, cut, wrapped } from "../format.ts";
import type { OutputStream } from "../output.ts";

/** Milliseconds between two drawings, at least. */
const interval = 100;

const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
/** Lines that are wider once the terminal was made narrower are cut off, where it can do that, instead of wrapped. */
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
    // What was drawn must keep its number of lines.
    const below = this.#lines.map((line) => cut(line, columnsOf(this.#stream)));
    const text = above.map((line) => `${line}\n`).join("") + below.join("\n");
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

/** What stands beside a bar. */
export interface BarLine {
  /** 0..1 of it is filled. */
  readonly share: number;
  readonly before: string;
  readonly after: string;
  /** Of the bar, where the terminal is wide enough. */
  readonly mostColumns: number;
  /** Kept for `after`, so that the bar's length does not change with it; default: its own length. */
  readonly afterColumns?: number;
  /** Gives what is filled its colour. */
  readonly paint?: (text: string) => string;
}

/** A shorter bar says nothing that the percentage does not. */
const fewestBarColumns = 5;

/** ` epoch 1/3  ████░░░░  40 %  0:07 left`: with as long a bar as the terminal has room for, or none. */
export function barLine(
  stream: OutputStream,
  { share, before, after, mostColumns, afterColumns = after.length, paint }: BarLine,
): string {
  const room = columnsOf(stream) - `${before}   `.length - afterColumns;
  const columns = Math.min(mostColumns, room);
  return `${before}  ${columns < fewestBarColumns ? "" : `${bar(share, columns, paint)} `}${after}`;
}

/** `40`, of 100; never more than was reached. */
export function percentage(share: number): string {
  return String(Math.floor(100 * Math.min(1, share) + 1e-9));
}

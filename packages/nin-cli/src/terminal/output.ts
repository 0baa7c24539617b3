import { styleText } from "node:util";
import { columnsOf, wrapped } from "./format.ts";

/** A stream that people or programs read: a terminal, a pipe or a file. */
export type OutputStream = NodeJS.WriteStream;

/** Where a command writes: results to `stdout`, progress and notices to `stderr`. */
export class Output {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;

  constructor(stdout: OutputStream = process.stdout, stderr: OutputStream = process.stderr) {
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** A line of the command's result. */
  result(text: string): void {
    this.stdout.write(`${text}\n`);
  }

  /** One JSON value, on a line of its own. */
  json(value: unknown): void {
    this.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** A line for the person who waits. */
  note(text: string): void {
    const { stderr } = this;
    const lines = stderr.isTTY ? wrapped(text, columnsOf(stderr)) : [text]; // in a pipe or a file a sentence stays in one piece
    this.stderr.write(`${lines.join("\n")}\n`);
  }

  warn(text: string): void {
    this.note(`${styleText("yellow", "note:", { stream: this.stderr })} ${text}`);
  }

  error(text: string): void {
    this.note(`${styleText("red", "error:", { stream: this.stderr })} ${text}`);
  }
}

import { styleText } from "node:util";
import { systemReason } from "nin-net";
import { ExitStatus } from "./exit-status.ts";
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

  /**
   * The output of this process. A stream that fails, because its reader has left, its terminal was closed or its disk
   * is full, ends nothing: what is written to it from then on is dropped. Results that could not be delivered make
   * the exit status 1.
   */
  static forProcess(): Output {
    const output = new Output();
    let isDelivered = true;
    output.stdout.on("error", (error: NodeJS.ErrnoException) => {
      // A reader that has seen enough, as in `nin summary | head -1`, needs no message.
      if (isDelivered && error.code !== "EPIPE") output.error(undelivered(error));
      isDelivered = false;
    });
    output.stderr.on("error", () => {});
    // A stream may fail after the command's last line was written.
    process.on("exit", (status) => {
      if (status === ExitStatus.done && !isDelivered) process.exitCode = ExitStatus.failed;
    });
    return output;
  }

  /** A line of the command's result. */
  result(text: string): void {
    writeLine(this.stdout, text);
  }

  /** One JSON value, on a line of its own. */
  json(value: unknown): void {
    this.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** A line for the person who waits. */
  note(text: string): void {
    writeLine(this.stderr, text);
  }

  warn(text: string): void {
    this.note(`${styleText("yellow", "note:", { stream: this.stderr })} ${text}`);
  }

  error(text: string): void {
    this.note(`${styleText("red", "error:", { stream: this.stderr })} ${text}`);
  }
}

/** On a terminal broken between words; in a pipe or a file a line stays in one piece. */
function writeLine(stream: OutputStream, text: string): void {
  const lines = stream.isTTY ? wrapped(text, columnsOf(stream)) : [text];
  stream.write(`${lines.join("\n")}\n`);
}

function undelivered(error: NodeJS.ErrnoException): string {
  const reason = systemReason(error);
  const fix =
    error.code === "ENOSPC" ? "Free some space on the disk" : "Write to a file or a pipe that is open";
  return `standard output: cannot be written: ${reason}; what was to be printed is lost. ${fix}.`;
}

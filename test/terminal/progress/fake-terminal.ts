import { Writable } from "node:stream";
import { WriteStream } from "node:tty";
import type { OutputStream } from "#nin-cli/terminal/output.js";

/** Keeps what a terminal, or a pipe, would receive. */
export class FakeTerminal extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly #environment: NodeJS.ProcessEnv;
  text = "";

  constructor({
    isTTY = true,
    columns = 80,
    environment = { TERM: "xterm" },
  }: { isTTY?: boolean; columns?: number; environment?: NodeJS.ProcessEnv } = {}) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
    this.#environment = environment;
  }

  get stream(): OutputStream {
    return this as unknown as OutputStream;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString("utf8");
    done();
  }

  getColorDepth(): number {
    return WriteStream.prototype.getColorDepth(this.#environment);
  }
}

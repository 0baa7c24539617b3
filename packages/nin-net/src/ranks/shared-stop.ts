import { anyRank, type Communicator } from "./communicator.ts";

/** A signal to stop that every rank obeys at the same point, whichever of them was told to. */
export class SharedStop {
  /** For one process: its own. */
  readonly signal: AbortSignal | undefined;
  readonly #communicator: Communicator;
  readonly #own: AbortSignal | undefined;
  readonly #shared = new AbortController();

  /** @param own - this rank's */
  constructor(communicator: Communicator, own: AbortSignal | undefined) {
    this.#communicator = communicator;
    this.#own = own;
    this.signal = communicator.size === 1 ? own : this.#shared.signal;
  }

  /** Every rank calls it at the same point of its work: from there on the signal is the same on all. */
  async agree(): Promise<void> {
    if (this.#communicator.size === 1 || this.#shared.signal.aborted) return;
    if (await anyRank(this.#communicator, this.#own?.aborted === true)) this.#shared.abort(this.#own?.reason);
  }
}

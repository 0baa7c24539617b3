import { isatty } from "node:tty";
import { ExitStatus } from "./exit-status.ts";

/** Turns Ctrl-C into a stop that keeps what there is. */
export interface StopSignal extends Disposable {
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP, or by the end of the channel to the process that started this one. */
  readonly signal: AbortSignal;
  /** What to exit with once stopped. */
  readonly status: ExitStatus;
}

/** `npm start` hands its child a second copy of the terminal's Ctrl-C: signals this close are one keypress. */
const onePressMilliseconds = 400;

/**
 * Whether this process belongs to a terminal. `nohup` redirects every stream that is one; a service or a cron job has
 * none from the start.
 */
function hasTerminal(): boolean {
  return [0, 1, 2].some((descriptor) => isatty(descriptor));
}

/**
 * Listens for Ctrl-C, SIGTERM and SIGHUP until disposed of: the first aborts the signal, the second ends the process
 * at once.
 *
 * A process without a terminal ignores SIGHUP: Node resets the disposition that `nohup` sets, so that what `nohup`
 * asks for has to be done here.
 *
 * A process that was started with a channel to another one, as `fork` does, is told to stop by the channel's end: by
 * that process, or because it was killed.
 *
 * @param onFirst - tells the person what happens now
 */
export function listenForStop(onFirst: () => void): StopSignal {
  const controller = new AbortController();
  let status: ExitStatus = ExitStatus.interrupted;
  let firstAt = 0;
  const stop = (by: ExitStatus) => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt > onePressMilliseconds) process.exit(by);
      return;
    }
    firstAt = performance.now();
    status = by;
    controller.abort();
    onFirst();
  };
  const interrupt = () => stop(ExitStatus.interrupted);
  const terminate = () => stop(ExitStatus.terminated);
  const hangUp = hasTerminal() ? () => stop(ExitStatus.hungUp) : () => {};
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", terminate);
  process.on("SIGHUP", hangUp);
  process.on("disconnect", terminate);
  if (process.connected === false) terminate(); // before anybody listened
  return {
    signal: controller.signal,
    get status() {
      return status;
    },
    [Symbol.dispose]() {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", terminate);
      process.off("SIGHUP", hangUp);
      process.off("disconnect", terminate);
    },
  };
}

import { NinError } from "nin-net";

/** What the command's exit status says. */
export const ExitStatus = {
  done: 0,
  /** One sentence on stderr says why; nothing does where the reader of standard output has left. */
  failed: 1,
  /** Unknown option, missing or bad value. */
  usage: 2,
  /** Stopped by SIGHUP (the terminal was closed), Ctrl-C or SIGTERM: 128 + the signal's number, as shells do. */
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];

/** The command was called wrongly; the message names the option, what came and what is accepted. */
export class UsageError extends NinError {
  override name = "UsageError";
}

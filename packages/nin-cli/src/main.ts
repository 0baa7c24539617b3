import { CommanderError } from "commander";
import { NinError, useEnvProxy } from "nin-net";
import { createProgram } from "./program.ts";
import { refuseAmongRanks } from "./runs/ranks.ts";
import { ExitStatus, UsageError } from "./terminal/exit-status.ts";
import { programCall } from "./terminal/invocation.ts";
import { Output } from "./terminal/output.ts";

/**
 * Runs the command line.
 *
 * @param args - without the runtime and the script, e.g. `["train", "--epochs", "1"]`
 * @returns what to exit with
 */
export async function main(args: readonly string[], output = Output.forProcess()): Promise<ExitStatus> {
  useEnvProxy();
  let status: ExitStatus = ExitStatus.done;
  const program = createProgram(output, (result) => {
    status = result;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    // --help and --version are done; no command at all printed the help on stderr.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitStatus.done : ExitStatus.usage;
    try {
      return await refuseAmongRanks(error, output);
    } catch (told) {
      return tell(told);
    }
  }

  function tell(error: unknown): ExitStatus {
    if (error instanceof UsageError) {
      output.error(error.message);
      const about = args[0] === "help" ? args.slice(1) : args;
      const command = about.find((arg) => program.commands.some((each) => each.name() === arg));
      const words = [programCall(), command, "--help"].filter((word) => word !== undefined);
      output.note(`Options and examples: ${words.join(" ")}`);
      return ExitStatus.usage;
    }
    output.error(sentence(error));
    if (program.opts<{ verbose?: boolean }>().verbose) {
      output.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    } else if (!(error instanceof NinError)) {
      output.note("Run it again with --verbose to see where it happened.");
    }
    return ExitStatus.failed;
  }
}

/** One clear sentence, for expected errors and for those nobody thought of. */
function sentence(error: unknown): string {
  if (error instanceof NinError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const where = path === undefined ? "" : ` ${path}`;
  switch (code) {
    case "ENOSPC":
      return `No space is left on the disk to write${where}. Free some, or choose another place with --out.`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `This user may not read or write${where}. Change its permissions, or choose another place.`;
    default:
      return `${error.name === "Error" ? "" : `${error.name}: `}${error.message}`;
  }
}

import { CommanderError } from "commander";
import { NinError, useEnvProxy } from "nin-net";
import { createProgram } from "./program.ts";
import { refuseAmongRanks } from "./runs/ranks.ts";
import { ExitStatus, UsageError } from "./terminal/exit-status.ts";
import { programCall } from "./terminal/invocation.ts";
import { Output } from "./terminal/output.ts";
import { isOutOfMemory, sentenceOf } from "./terminal/sentence.ts";

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
    output.error(sentenceOf(error));
    if (program.opts<{ verbose?: boolean }>().verbose) {
      output.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    } else if (!(error instanceof NinError || isOutOfMemory(error))) {
      output.note("Run it again with --verbose to see where it happened.");
    }
    return ExitStatus.failed;
  }
}

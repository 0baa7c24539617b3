import { Command, type CommanderError, Help, type Option } from "commander";
import { compareCommand } from "./commands/compare.ts";
import { dataCommand } from "./commands/data.ts";
import { devicesCommand } from "./commands/devices.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { explainCommand } from "./commands/explain.ts";
import { exportCommand } from "./commands/export.ts";
import { importCommand } from "./commands/import.ts";
import { predictCommand } from "./commands/predict.ts";
import { profileCommand } from "./commands/profile.ts";
import { reportCommand } from "./commands/report.ts";
import { serveCommand } from "./commands/serve.ts";
import { summaryCommand } from "./commands/summary.ts";
import { sweepCommand } from "./commands/sweep.ts";
import { trainCommand } from "./commands/train.ts";
import { refuseManyRanks } from "./runs/ranks.ts";
import { type ExitStatus, UsageError } from "./terminal/exit-status.ts";
import { columnsOf, listed } from "./terminal/format.ts";
import { examples } from "./terminal/help.ts";
import { packageVersion } from "./terminal/invocation.ts";
import type { Output } from "./terminal/output.ts";

const commands = [
  summaryCommand,
  trainCommand,
  evaluateCommand,
  predictCommand,
  explainCommand,
  reportCommand,
  compareCommand,
  sweepCommand,
  exportCommand,
  importCommand,
  serveCommand,
  dataCommand,
  profileCommand,
  devicesCommand,
];

/** @param finish - is told what to exit with when a command has run to its end */
export function createProgram(output: Output, finish: (status: ExitStatus) => void): Command {
  const program = new Command("nin")
    .description("Network in Network: train it on Fashion-MNIST, and look at what it learned.")
    .version(packageVersion(), "--version", "print the version")
    .option("--verbose", "say where an error happened")
    .helpCommand(false)
    .addHelpText("after", examples("train --preset fast", "train --help"));
  for (const command of commands) program.addCommand(command(output, finish));
  program.hook("preAction", (_program, command) => {
    refuseManyRanks(command.name());
    refuseEmptyArguments(command);
  });
  program.addCommand(helpCommand(program));
  for (const command of [program, ...program.commands]) configure(command, output);
  return program;
}

/** @throws UsageError if an argument is empty, as an unset shell variable leaves it */
function refuseEmptyArguments(command: Command): void {
  const place = command.args.findIndex((text) => text.trim() === "");
  const argument = command.registeredArguments[place] ?? command.registeredArguments.at(-1);
  if (place < 0 || argument === undefined) return;
  const got = JSON.stringify(command.args[place]);
  throw new UsageError(`nin ${command.name()}: got ${got}, expected ${argument.description}.`);
}

/** `nin help [COMMAND]`: what `nin --help` and `nin COMMAND --help` print. */
function helpCommand(program: Command): Command {
  return new Command("help")
    .description("Print this help, or that of a command.")
    .argument("[command]", "a command of nin")
    .action(async (name?: string) => {
      const isKnown = program.commands.some((each) => each.name() === name);
      const words = name === undefined ? ["--help"] : isKnown ? [name, "--help"] : [name];
      await program.parseAsync(words, { from: "user" });
    });
}

function configure(command: Command, output: Output): void {
  command
    .helpOption("-h, --help", "print this help")
    .configureHelp({
      showGlobalOptions: true,
      helpWidth: Math.min(columnsOf(output.stdout), 100),
      optionDescription: (option) => new Help().optionDescription(withoutPreset(option)),
    })
    .configureOutput({
      writeOut: (text) => output.stdout.write(text),
      outputError: () => {}, // main prints every error, in one way
    })
    .allowExcessArguments(false)
    .exitOverride((error) => {
      const isHelp = error.exitCode === 0 || error.code === "commander.help";
      throw isHelp ? error : usageError(command, error);
    });
}

/** What a switch is without a value needs no word. */
function withoutPreset(option: Option): Option {
  return Object.create(option, { presetArg: { value: undefined } }) as Option;
}

/** The parser's complaint in the words of this program: what came, what is accepted. */
function usageError(command: Command, error: CommanderError): UsageError {
  const name = command.parent ? command.name() : undefined;
  const came = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  const suggestion = /\(Did you mean (?:one of )?(.*)\?\)/.exec(error.message)?.[1];
  const instead = (names: string[]) =>
    suggestion ? `Did you mean ${listed(suggestion.split(", "))}?` : `Accepted: ${names.join(", ")}.`;

  const message = (() => {
    switch (error.code) {
      case "commander.unknownOption":
        return `${came.split("=")[0]} is not an option of nin${name ? ` ${name}` : ""}. ${instead(optionNames(command))}`;
      case "commander.unknownCommand":
        return `${came} is not a command. ${instead(command.commands.map((each) => each.name()))}`;
      case "commander.optionMissingArgument":
        return missingValue(came);
      case "commander.missingArgument":
        return `nin ${name}: ${came.toUpperCase()} is missing, expected nin ${name} ${came.toUpperCase()}.`;
      case "commander.excessArguments":
        return `nin ${name}: got ${command.args.join(" ")}, expected ${argumentsOf(command)}. Options begin with --.`;
      default:
        return error.message.replace(/^error: /, "");
    }
  })();
  return new UsageError(message);
}

/** @param flags - of the option: `--lr <x>`, or with another name before it `--seeds, --seed <n>` */
function missingValue(flags: string): string {
  const [, names = flags, value = ""] = /^(.*?)( [<[].*)?$/.exec(flags) ?? [];
  const both = names.split(", ");
  return `${listed(both)}: its value is missing, expected ${listed(both.map((name) => `${name}${value}`))}.`;
}

function optionNames(command: Command): string[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map((option) => option.long ?? option.flags);
}

function argumentsOf(command: Command): string {
  const names = command.registeredArguments.map((argument) => argument.name().toUpperCase());
  return names.length === 0 ? "no argument" : `${names.join(" ")} alone`;
}

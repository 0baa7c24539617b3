import { type Command, Option } from "commander";
import { allPassNames } from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";
import { listed } from "../terminal/format.ts";

/** Options of commands that can leave rewriting passes out. */
export interface PassOptions {
  /** The passes to leave out, as CompileOptions has them. */
  readonly passes: readonly string[];
}

/** `--passes`. */
export function addPassOptions(command: Command): Command {
  return command.addOption(
    new Option(
      "--passes <list>",
      "rewriting passes: all, none, some by name (winograd,sum-early), or all but some (no-winograd)",
    )
      .argParser(passesLeftOut)
      .default([], "all"),
  );
}

/**
 * Reads `all`, `none`, `winograd,sum-early` (those alone) or `no-winograd,no-sum-early` (all but those).
 *
 * @returns the passes to leave out
 * @throws UsageError if a name is unknown, or names of both kinds are mixed
 */
export function passesLeftOut(text: string): readonly string[] {
  if (text === "all") return [];
  if (text === "none") return ["all"];
  const words = text.split(",").map((word) => word.trim());
  const names = words.map((word) => word.replace(/^no-/, ""));
  const isKnown = names.every((name) => allPassNames.includes(name));
  const minus = words.filter((word) => word.startsWith("no-")).length;
  if (!isKnown || (minus > 0 && minus < words.length)) {
    throw new UsageError(
      `--passes: got ${JSON.stringify(text)}, expected all, none, or names with commas between, each or none of them with no- before it: ${listed(allPassNames)}.`,
    );
  }
  return minus > 0 ? names : allPassNames.filter((name) => !names.includes(name));
}

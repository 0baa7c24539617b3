import { Command } from "commander";
import { formatShape, preprocessedShape, type SummaryRow, summarize, summaryLines } from "nin-net";
import { addModelOptions, type ModelOptions, modelOf } from "../options/model-options.ts";
import { ExitStatus } from "../terminal/exit-status.ts";
import { decimalBytes, grouped, tableLines } from "../terminal/format.ts";
import { examples } from "../terminal/help.ts";
import type { Output } from "../terminal/output.ts";

interface SummaryOptions extends ModelOptions {
  readonly table?: boolean;
  readonly json?: boolean;
}

/** `nin summary`: the network's layers and their shapes, without running it. */
export function summaryCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  const command = new Command("summary")
    .description("Print the network's layers and the shapes of their outputs.")
    .option("--table", "add parameters, multiply-adds and activation memory")
    .option("--json", "print one JSON object with all of it");
  return addModelOptions(command)
    .addHelpText("after", examples("summary --table"))
    .action((options: SummaryOptions) => {
      summary(options, output);
      finish(ExitStatus.done);
    });
}

function summary({ table, json, ...options }: SummaryOptions, output: Output): void {
  const { net, image, preprocessing } = modelOf(options);
  const input = [1, ...preprocessedShape(image, preprocessing)];
  if (json) {
    output.json({ net: net.kind, inputShape: input, ...summarize(net, input) });
  } else {
    const lines = table ? summaryTable(summarize(net, input), input) : summaryLines(net, input);
    for (const line of lines) output.result(line);
  }
}

function summaryTable(root: SummaryRow, input: readonly number[]): string[] {
  const heading = ["layer", "output shape", "parameters", "multiply-adds", "activations"];
  const total = figures(root, "total");
  const lines = tableLines(
    [heading, ...root.children.flatMap((row) => nested(row, 0)), total],
    ["left", "left", "right"],
  );
  const rule = "-".repeat(Math.max(...lines.map((line) => line.length)));
  return [`input ${formatShape(input)}`, "", lines[0]!, rule, ...lines.slice(1, -1), rule, lines.at(-1)!];
}

function nested(row: SummaryRow, depth: number): string[][] {
  const own = figures(row, `${"  ".repeat(depth)}${row.path} ${row.kind}`);
  return [own, ...row.children.flatMap((child) => nested(child, depth + 1))];
}

function figures(row: SummaryRow, name: string): string[] {
  return [
    name,
    formatShape(row.outputShape),
    grouped(row.parameters),
    grouped(row.multiplyAdds),
    decimalBytes(row.activationBytes),
  ];
}

import { existsSync } from "node:fs";
import { extname } from "node:path";
import { Command } from "commander";
import {
  caveatOf,
  DataError,
  modelMetadata,
  packageVersion,
  preprocessedShape,
  writeCsv,
  writeNpz,
  writeOnnx,
  writeSafetensors,
} from "nin-net";
import { filePath, oneOf } from "../options/values.ts";
import { replaceFile } from "../runs/run-folder-files.ts";
import { openTrainedRun, type TrainedRun } from "../runs/trained-run.ts";
import { ExitStatus, UsageError } from "../terminal/exit-status.ts";
import { decimalBytes, grouped, listed } from "../terminal/format.ts";
import { examples } from "../terminal/help.ts";
import type { Output } from "../terminal/output.ts";

const formats = ["onnx", "safetensors", "npz", "csv"] as const;
type Format = (typeof formats)[number];

interface ExportOptions {
  readonly format?: Format;
  readonly out?: string;
  readonly withPreprocess?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `nin export RUN`: a run's network for other programs. */
export function exportCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  return new Command("export")
    .description(
      "Write a run's network for other programs: an ONNX model, or the weights alone as safetensors, as NumPy's " +
        "npz or as a table.",
    )
    .argument("<run>", "the run's folder, as nin train named it")
    .option(
      "--format <name>",
      "onnx, safetensors, npz or csv (default: by --out's ending)",
      oneOf("--format", formats),
    )
    .option("--out <file>", "where it goes (default: nin.<format> in the run)", filePath("--out"))
    .option("--with-preprocess", "ONNX that takes images as stored, in bytes")
    .option("--force", "replace the file if it is there")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      examples(
        "export runs/first --format onnx --out nin.onnx",
        "export runs/first --with-preprocess --out nin-bytes.onnx",
        "export runs/first --out weights.npz",
      ),
    )
    .action(async (path: string, options: ExportOptions) => {
      await runExport(path, options, formatOf(options), output);
      finish(ExitStatus.done);
    });
}

/** @throws UsageError if the options do not say which, or do not go together */
function formatOf({ format, out, withPreprocess }: ExportOptions): Format {
  const ending = out === undefined ? "onnx" : extname(out).slice(1).toLowerCase();
  const told = formats.find((name) => name === ending);
  const chosen = format ?? told;
  if (chosen === undefined) {
    throw new UsageError(
      `--out: got ${JSON.stringify(out)}, expected a file name that ends in ${listed(formats.map((name) => `.${name}`))}, or --format.`,
    );
  }
  if (out === "-") {
    throw new UsageError('--out: got "-", expected a file: nin export does not write to standard output.');
  }
  if (out !== undefined && told !== undefined && told !== chosen) {
    throw new UsageError(
      `--out: got ${JSON.stringify(out)} beside --format ${chosen}, expected a file name that ends in .${chosen}. ` +
        "Give it that ending, or leave --format out.",
    );
  }
  if (withPreprocess && chosen !== "onnx") {
    throw new UsageError(
      `--with-preprocess: got it beside the format ${chosen}, expected onnx, the only one that computes.`,
    );
  }
  return chosen;
}

async function runExport(
  path: string,
  options: ExportOptions,
  format: Format,
  output: Output,
): Promise<void> {
  const trained = await openTrainedRun(path);
  const file = options.out ?? trained.run.file(`nin.${format}`);
  if (!options.force && existsSync(file)) {
    throw new DataError(`${file}: is there already. Choose another --out, or replace it with --force.`);
  }
  const content = encode(trained, format, options.withPreprocess ?? false);
  await replaceFile(file, content);
  if (options.json) {
    output.json({ file, format, bytes: content.length, parameters: trained.net.parameterCount });
  } else {
    output.result(`${describe(trained, format, options)}, ${decimalBytes(content.length)} -> ${file}`);
  }
}

function encode(trained: TrainedRun, format: Format, withPreprocess: boolean): Uint8Array {
  const { net, image, preprocessing } = trained;
  switch (format) {
    case "onnx": {
      const metadata = {
        ...metadataOf(trained),
        input: withPreprocess ? "stored images: preprocessing is part of the model" : "preprocessed images",
      };
      const common = { metadata, producerVersion: packageVersion };
      return withPreprocess
        ? writeOnnx(net, { ...common, preprocess: { image, preprocessing } })
        : writeOnnx(net, { ...common, imageShape: preprocessedShape(image, preprocessing) });
    }
    case "safetensors":
      return writeSafetensors(net.stateDict(), { format: "pt", ...metadataOf(trained) });
    case "npz":
      return writeNpz(net.stateDict());
    case "csv":
      return Buffer.concat([...writeCsv(net.stateDict())].map((piece) => Buffer.from(piece)));
    default:
      return format satisfies never;
  }
}

/** What a user of the file needs to know to feed the network and read its answer. */
function metadataOf(trained: TrainedRun): Record<string, string> {
  const { recipe } = trained.run.config;
  return {
    ...modelMetadata(trained),
    dataset: caveatOf(recipe.dataset) ?? recipe.dataset,
    recipe: JSON.stringify(recipe),
    preparation: trained.preparation,
  };
}

function describe(trained: TrainedRun, format: Format, { withPreprocess }: ExportOptions): string {
  const { net, image, preprocessing } = trained;
  if (format !== "onnx") return `${grouped(net.parameterCount)} weights`;
  const { channels, height, width } = image;
  const stored = channels === 1 ? [height, width] : [height, width, channels];
  const input = withPreprocess
    ? `pixels [${["batch", ...stored].join(", ")}] uint8`
    : `images [${["batch", ...preprocessedShape(image, preprocessing)].join(", ")}]`;
  return `ONNX model, ${input} -> logits [batch, ${image.classes}]`;
}

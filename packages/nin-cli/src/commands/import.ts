import { Command } from "commander";
import {
  type DatasetName,
  datasets,
  loadWeights,
  type ModelName,
  matchNames,
  modelNamed,
  modelNames,
  NinError,
  preprocessedShape,
  preprocessingOf,
  presets,
  versions,
} from "nin-net";
import { checkInputSize } from "../options/input-size.ts";
import { datasetName, folder, oneOf, realNumbers, wholeNumber } from "../options/values.ts";
import { fileDigest } from "../runs/file-digest.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { checkUnused } from "../runs/run-path.ts";
import { networkOf } from "../runs/trained-run.ts";
import { ExitStatus, UsageError } from "../terminal/exit-status.ts";
import { listed } from "../terminal/format.ts";
import { examples } from "../terminal/help.ts";
import type { Output } from "../terminal/output.ts";

interface ImportOptions {
  readonly out?: string;
  readonly net: ModelName;
  readonly dataset: DatasetName;
  /** Default: what the network was made for. */
  readonly resize?: number;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly json?: boolean;
}

/** `nin import FILE --out RUN`: weights from elsewhere as a run that every other command takes. */
export function importCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  return new Command("import")
    .description(
      "Make a run of weights that PyTorch saved, for nin evaluate, predict, explain, serve and export: a " +
        "safetensors file, or a state_dict by torch.save. Nothing in the file is run.",
    )
    .argument("<file>", "the weights: .safetensors, .pt or .pth")
    .option("--out <folder>", "the run's folder, new or empty", folder("--out"))
    .option(
      "--net <name>",
      `whose weights: ${listed(modelNames)}`,
      oneOf("--net", modelNames),
      presets.tutorial.net,
    )
    .option("--dataset <name>", "what it was trained on", datasetName("--dataset"), "fashion-mnist")
    .option(
      "--resize <pixels>",
      "height and width that it was trained on (default: those that it was made for)",
      wholeNumber("--resize", { min: 1 }),
    )
    .option(
      "--mean <list>",
      "taken from each channel in 0..1 before, as by torchvision's Normalize (default: 0)",
      realNumbers("--mean", {}),
    )
    .option(
      "--std <list>",
      "what each channel was divided by then (default: 1)",
      realNumbers("--std", { min: 0, aboveMin: true }),
    )
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      examples(
        "import nin.pt --out runs/from-pytorch",
        "import nin.pt --mean 0.286 --std 0.353 --out runs/normalized",
      ),
    )
    .action(async (file: string, options: ImportOptions) => {
      await runImport(file, options, output);
      finish(ExitStatus.done);
    });
}

async function runImport(
  file: string,
  { out, net: name, dataset, resize, mean, std, json }: ImportOptions,
  output: Output,
): Promise<void> {
  if (out === undefined) {
    throw new UsageError("nin import: --out is missing, expected nin import FILE --out FOLDER.");
  }
  const own = modelNamed(name).recipe;
  const recipe = {
    ...presets.tutorial,
    net: name,
    dataset,
    ...own,
    resize: resize ?? own.resize,
    mean: mean ?? null,
    std: std ?? null,
  };
  const { image } = datasets[dataset];
  for (const [option, values] of [
    ["--mean", mean],
    ["--std", std],
  ] as const) {
    if (values === undefined || values.length === image.channels) continue;
    const count = image.channels === 1 ? "one number" : `${image.channels} numbers`;
    const has = image.channels === 1 ? "one channel" : `${image.channels} channels`;
    throw new UsageError(
      `${option}: got ${values.join(",")}, expected ${count}, as the images of ${dataset} have ${has}.`,
    );
  }
  const preprocessing = preprocessingOf("--mean and --std", recipe, image);
  const net = networkOf(recipe, image);
  checkInputSize({ net, name: recipe.net }, preprocessedShape(image, preprocessing));
  await checkUnused(out);
  const weights = await loadWeights(file, { net });
  try {
    net.loadStateDict(matchNames(weights, net));
  } catch (cause) {
    if (!(cause instanceof NinError)) throw cause;
    throw new NinError(
      `${file}: ${cause.message} Are they of another network than ${name}? Name theirs with --net.`,
      { cause },
    );
  }
  const config = {
    recipe,
    versions: versions(),
    datasetChecksum: null,
    weightsOrigin: { path: file, sha256: await fileDigest(file), newHead: false },
    image,
    preprocessing,
  };
  using run = await RunFolder.create(out, config);
  await run.saveCheckpoint(net, { epoch: 0, step: 0 });
  if (json) output.json({ run: out, file, parameters: net.parameterCount });
  else output.result(`Run folder: ${out}`);
}

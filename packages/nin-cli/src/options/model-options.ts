import type { Command } from "commander";
import {
  createModel,
  type DatasetName,
  datasetNames,
  datasets,
  type ImageSpec,
  type Layer,
  type ModelName,
  modelNamed,
  modelNames,
  type Preprocessing,
  preprocessedShape,
  preprocessingOf,
} from "nin-net";
import { listed } from "../terminal/format.ts";
import { checkInputSize } from "./input-size.ts";
import { datasetName, oneOf, wholeNumber } from "./values.ts";

/** Which network a command is about, and on what images. */
export interface ModelOptions {
  readonly net: ModelName;
  readonly dataset: DatasetName;
  /** Default: what the network was made for. */
  readonly resize?: number;
}

/** `--net`, `--dataset` and `--resize`. */
export function addModelOptions(command: Command): Command {
  const [firstModel] = modelNames;
  const [firstDataset] = datasetNames;
  return command
    .option("--net <name>", listed(modelNames), oneOf("--net", modelNames), firstModel)
    .option(
      "--dataset <name>",
      `whose images it is for: ${listed(datasetNames)}`,
      datasetName("--dataset"),
      firstDataset,
    )
    .option(
      "--resize <pixels>",
      "height and width that the network sees (default: those that it was made for)",
      wholeNumber("--resize", { min: 1, max: 4096 }),
    );
}

/**
 * The network that the options name, with fresh weights, and the images that it is for.
 *
 * @throws UsageError if the images are too small for it
 */
export function modelOf({ net: name, dataset, resize }: ModelOptions): {
  readonly net: Layer;
  readonly image: ImageSpec;
  readonly preprocessing: Preprocessing;
} {
  const { image } = datasets[dataset];
  const preprocessing = preprocessingOf(
    "--resize",
    { resize: resize ?? modelNamed(name).recipe.resize },
    image,
  );
  const [, ...size] = preprocessedShape(image, preprocessing);
  const net = createModel(name, { ...image, size });
  checkInputSize({ net, name }, [image.channels, ...size]);
  return { net, image, preprocessing };
}

import {
  createModel,
  datasetNamed,
  type ImageSpec,
  isSynthetic,
  type Layer,
  type PicturePreparation,
  type Preprocessing,
  preprocessedShape,
  preprocessingOf,
  type Recipe,
} from "nin-net";
import { RunFolder } from "./run-folder.ts";
import { checkExists } from "./run-path.ts";

/** The data that a network was trained on. */
export interface TrainingSet {
  /** For people. */
  readonly title: string;
  /** Whether its images are generated. */
  readonly synthetic: boolean;
}

/** A run's network with its weights, ready to be used. */
export interface TrainedRun {
  readonly run: RunFolder;
  readonly net: Layer;
  /** What the images are that it was trained on. */
  readonly image: ImageSpec;
  /** How it sees them. */
  readonly preprocessing: Preprocessing;
  /** Names of the classes it tells apart. */
  readonly classes: readonly string[];
  /** How its data set's images were made, and pictures are to be. */
  readonly preparation: PicturePreparation;
  /** The data that it was trained on. */
  readonly trainedOn: TrainingSet;
}

/** @throws DataError if there is no such run or it is damaged */
export async function openTrainedRun(path: string): Promise<TrainedRun> {
  checkExists(path);
  const run = await RunFolder.open(path);
  const { image, preprocessing } = run;
  const net = networkOf(run.config.recipe, image);
  await run.loadCheckpoint(net);
  const { pictures, recipe } = run.config;
  const { classes, preparation } = pictures ?? datasetNamed(recipe.dataset);
  const title = pictures === undefined ? datasetNamed(recipe.dataset).title : recipe.dataset;
  const trainedOn = { title, synthetic: isSynthetic(recipe.dataset) };
  return { run, net, image, preprocessing, classes, preparation, trainedOn };
}

/** A recipe's network with its first weights, for images of that kind at the recipe's size. */
export function networkOf(recipe: Recipe, image: ImageSpec): Layer {
  const { net, netOptions, seed } = recipe;
  const [, ...size] = preprocessedShape(image, preprocessingOf("recipe", recipe, image));
  return createModel(net, { ...image, size }, { ...netOptions, seed });
}

import {
  createModel,
  datasetNamed,
  type ImageSpec,
  NinError,
  type PicturePreparation,
  type Preprocessing,
  preprocessedShape,
  type Recipe,
  Sequential,
} from "nin-net";
import { RunFolder } from "./run-folder.ts";
import { checkExists } from "./run-path.ts";

/** A run's network with its weights, ready to be used. */
export interface TrainedRun {
  readonly run: RunFolder;
  readonly net: Sequential;
  /** What the images are that it was trained on. */
  readonly image: ImageSpec;
  /** How it sees them. */
  readonly preprocessing: Preprocessing;
  /** Names of the classes it tells apart. */
  readonly classes: readonly string[];
  /** Height and width that it was trained on. */
  readonly resize: number;
  /** How its data set's images were made, and pictures are to be. */
  readonly preparation: PicturePreparation;
}

/** @throws DataError if there is no such run or it is damaged */
export async function openTrainedRun(path: string): Promise<TrainedRun> {
  checkExists(path);
  const run = await RunFolder.open(path);
  const { image, preprocessing } = run;
  const { dataset } = run.config.recipe;
  const net = networkOf(run.config.recipe, image);
  await run.loadCheckpoint(net);
  const [, resize] = preprocessedShape(image, preprocessing);
  const { classes, preparation } = datasetNamed(dataset);
  return { run, net, image, preprocessing, classes, resize, preparation };
}

/**
 * A recipe's network with its first weights.
 *
 * @throws NinError if it is not a sequence of layers, which explanations and reports need
 */
export function networkOf({ net: name, netOptions, seed }: Recipe, image: ImageSpec): Sequential {
  const net = createModel(name, image, { ...netOptions, seed });
  if (net instanceof Sequential) return net;
  throw new NinError(`got the network ${name}, expected a Sequential. Wrap its layers in one.`);
}

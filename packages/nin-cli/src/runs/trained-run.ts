import { catalogue, type DatasetName, NinNet, type Preparation } from "nin-net";
import { RunFolder } from "./run-folder.ts";
import { checkExists } from "./run-path.ts";

/** A run's network with its weights, ready to be used. */
export interface TrainedRun {
  readonly run: RunFolder;
  readonly net: NinNet;
  /** Names of the classes it tells apart. */
  readonly classes: readonly string[];
  /** Height and width that it was trained on. */
  readonly resize: number;
  /** How its data set's images were made, and pictures are to be. */
  readonly preparation: Preparation;
}

/** @throws DataError if there is no such run or it is damaged */
export async function openTrainedRun(path: string): Promise<TrainedRun> {
  checkExists(path);
  const run = await RunFolder.open(path);
  const { dataset, resize } = run.config.recipe;
  const net = new NinNet();
  await run.loadCheckpoint(net);
  return { run, net, classes: classNames(dataset), resize, preparation: preparationOf(dataset) };
}

/** Drawn garments are of the classes of Fashion-MNIST. */
function classNames(dataset: DatasetName): readonly string[] {
  return catalogue[dataset === "drawn" ? "fashion-mnist" : dataset].classes;
}

function preparationOf(dataset: DatasetName): Preparation {
  return dataset === "drawn" ? "garment" : catalogue[dataset].preparation;
}

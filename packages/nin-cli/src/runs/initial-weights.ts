import { existsSync, statSync } from "node:fs";
import {
  DataError,
  type ImageSpec,
  type Layer,
  loadWeights,
  matchNames,
  NinError,
  type Recipe,
  resultWeights,
  type StateDict,
} from "nin-net";
import { fileDigest, shortDigest } from "./file-digest.ts";
import type { PictureSource } from "./picture-source.ts";
import { checkpointFiles, RunFolder, type WeightsOrigin } from "./run-folder.ts";
import { networkOf } from "./trained-run.ts";

/** Settings of a recipe that belong to weights: what they were trained with is taken, unless another is asked for. */
const settingsOfWeights = [
  "net",
  "netOptions",
  "dataset",
  "resize",
  "mean",
  "std",
] as const satisfies (keyof Recipe)[];

/** What is known of a data set before its images are read. */
interface TrainedData {
  readonly title: string;
  readonly image: ImageSpec;
}

/** Weights that a new run begins from: of a run, or of a file as PyTorch saves it. */
export class InitialWeights {
  readonly path: string;
  /** Undefined for a file of weights. */
  readonly #run: RunFolder | undefined;

  private constructor(path: string, run: RunFolder | undefined) {
    this.path = path;
    this.#run = run;
  }

  /**
   * @param path - a run's folder, whose newest checkpoint is taken, or a file of weights
   * @throws DataError if there is neither, or the run is damaged
   */
  static async open(path: string): Promise<InitialWeights> {
    if (!existsSync(path)) {
      throw new DataError(
        `--from: ${path}: no such file or folder, expected a run's folder or a file of weights. Check the path.`,
      );
    }
    return new InitialWeights(path, statSync(path).isDirectory() ? await RunFolder.open(path) : undefined);
  }

  /** Settings of the run that belong to its weights; none for a file, which does not say. */
  get settings(): Partial<Recipe> {
    if (this.#run === undefined) return {};
    const { recipe } = this.#run.config;
    return Object.fromEntries(settingsOfWeights.map((name) => [name, recipe[name]]));
  }

  /** What the images were that a run's weights were trained on; undefined for a file. */
  get image(): ImageSpec | undefined {
    return this.#run?.image;
  }

  /** The pictures of one's own that the run was trained on, and what they were brought to; undefined: it was not. */
  get pictures(): (PictureSource & { readonly image: ImageSpec }) | undefined {
    const pictures = this.#run?.config.pictures;
    return pictures && { ...pictures, image: this.#run!.image };
  }

  /** What to tell a person who keeps the head although it was trained on another data set; null: nothing. */
  warning(recipe: Recipe, newHead: boolean): string | null {
    const trainedOn = this.#run?.config.recipe.dataset;
    if (newHead || trainedOn === undefined || trainedOn === recipe.dataset) return null;
    return (
      `--from: ${this.path} was trained on ${trainedOn}, whose classes the last layers still tell apart. ` +
      "--new-head begins them with fresh weights."
    );
  }

  /**
   * Puts the weights into a network.
   *
   * @param net - of `recipe`, with fresh weights
   * @param data - what it is to be trained on
   * @param newHead - keeps the fresh weights of the layers whose size depends on the number of classes
   * @throws DataError if the weights cannot be read or are for another number of classes; NinError if they are of
   *   another network
   */
  async loadInto(
    net: Layer,
    recipe: Recipe,
    { image, title }: TrainedData,
    newHead: boolean,
  ): Promise<WeightsOrigin> {
    const head = headOf(net, recipe, image);
    const weights = await this.#read(net, head);
    const fresh = net.stateDict();
    const differs = head.find(
      (name) => weights[name] && `${weights[name].shape}` !== `${fresh[name]!.shape}`,
    );
    if (differs !== undefined && !newHead) {
      throw new DataError(
        `--from: ${this.path} tells ${weights[differs]!.shape[0]} classes apart, but there are ${image.classes} (${title}). ` +
          "Add --new-head to begin the last layers with fresh weights.",
      );
    }
    try {
      net.loadStateDict(newHead ? { ...weights, ...pick(fresh, head) } : weights);
    } catch (cause) {
      if (!(cause instanceof NinError)) throw cause;
      throw new NinError(`--from: ${this.path}: ${cause.message}`, { cause });
    }
    const file = this.#run?.file(checkpointFiles.last) ?? this.path;
    return { path: this.path, sha256: await fileDigest(file), newHead };
  }

  /** @param head - weights whose shapes may be others than the network's */
  async #read(net: Layer, head: readonly string[]): Promise<StateDict> {
    if (this.#run !== undefined) return resultWeights((await this.#run.readCheckpoint()).state);
    return matchNames(await loadWeights(this.path, { net, anyShape: head }), net);
  }
}

/**
 * Loads the weights again that a run was to begin from, if it ended before it had a checkpoint.
 *
 * @throws DataError if they are no longer what they were
 */
export async function loadOrigin(
  origin: WeightsOrigin,
  net: Layer,
  recipe: Recipe,
  data: TrainedData,
): Promise<void> {
  const weights = await InitialWeights.open(origin.path);
  const { sha256 } = await weights.loadInto(net, recipe, data, origin.newHead);
  if (sha256 === origin.sha256) return;
  throw new DataError(
    `${origin.path}: has other weights than the run was begun from (SHA-256 ${shortDigest(sha256)}, ` +
      `expected ${shortDigest(origin.sha256)}). Train a new run.`,
  );
}

/** Names of the weights that a network with one class more has in another shape. */
function headOf(net: Layer, recipe: Recipe, image: ImageSpec): string[] {
  const larger = new Map(networkOf(recipe, { ...image, classes: image.classes + 1 }).namedState());
  return net
    .namedState()
    .filter(([name, { shape }]) => `${larger.get(name)?.shape}` !== `${shape}`)
    .map(([name]) => name);
}

function pick(weights: StateDict, names: readonly string[]): StateDict {
  return Object.fromEntries(names.map((name) => [name, weights[name]!]));
}

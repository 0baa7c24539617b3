/** The runs of a sweep, checked before any of them begins. */
import { DataError, datasetNamed, NinError, preprocessedShape, preprocessingOf, type Recipe } from "nin-net";
import { checkAugment, checkInputSize } from "../options/input-size.ts";
import { recipeOf } from "../options/recipe-options.ts";
import { checkTrainOptions, mayBeSynthetic, type TrainOptions } from "../options/train-options.ts";
import { checkPictureOptions, picturePathOf } from "../picture-folder/pictures-to-train-on.ts";
import { InitialWeights } from "../runs/initial-weights.ts";
import { networkOf } from "../runs/trained-run.ts";
import { UsageError } from "../terminal/exit-status.ts";
import { type Configuration, type NamedConfiguration, named } from "./grid.ts";
import { usualOptions } from "./run-option.ts";

/** A run of a sweep as it would be trained. */
export interface PlannedRun extends NamedConfiguration {
  /** Undefined for pictures of one's own, which have to be read first. */
  readonly recipe: Recipe | undefined;
  /** Whether synthetic images are taken where the data set cannot be found. */
  readonly mayBeSynthetic: boolean;
}

/**
 * Checks each configuration as `nin train` would check its options.
 *
 * @param origins - where each stands in a list, for messages; none without a list
 * @throws UsageError or DataError naming the run, if its options do not go together or it is there twice
 */
export async function plannedRuns(
  configurations: readonly Configuration[],
  origins: readonly string[] = [],
): Promise<PlannedRun[]> {
  const checks = new Checks();
  const runs: PlannedRun[] = [];
  const known = new Map<string, Configuration>();
  for (const [i, run] of named(configurations).entries()) {
    const options = optionsOf(run.values);
    const recipe = await checks.recipeOf(origins[i] ?? run.name, run.values, options);
    const identity = identityOf(options, recipe);
    const same = known.get(identity);
    if (same !== undefined) {
      const [words, others] = [run.values, same].map(wordsText);
      const twice = words === others ? words : `${others} and again as ${words}`;
      throw new UsageError(`nin sweep: got the same run twice, as ${twice}, expected each once.`);
    }
    known.set(identity, run.values);
    runs.push({ ...run, recipe, mayBeSynthetic: mayBeSynthetic(options) });
  }
  return runs;
}

/** `--lr 0.1 --seed 1`. */
export function wordsText(configuration: Configuration): string {
  return configuration.flatMap(({ option, text }) => option.wordsOf(text)).join(" ");
}

function optionsOf(configuration: Configuration): TrainOptions {
  const given = Object.fromEntries(configuration.map(({ option, parsed }) => [option.name, parsed]));
  return { ...usualOptions, ...given } as TrainOptions;
}

/** Tells runs apart that come to different results. */
function identityOf(options: TrainOptions, recipe: Recipe | undefined): string {
  const { from, newHead, passes, onDivergence, classWeights, device, precision } = options;
  const rest = { from, newHead, passes, onDivergence, classWeights, device, precision };
  return JSON.stringify(recipe === undefined ? options : { recipe, ...rest });
}

/** What many configurations have in common is checked once. */
class Checks {
  readonly #weights = new Map<string, InitialWeights>();
  readonly #networks = new Set<string>();

  /** @returns undefined for pictures of one's own */
  async recipeOf(where: string, values: Configuration, options: TrainOptions): Promise<Recipe | undefined> {
    try {
      checkTrainOptions(options, (option) => values.some((value) => value.option.name === option));
      const from = options.from === undefined ? undefined : await this.#openWeights(options.from);
      const isOnPictures =
        picturePathOf(options) !== undefined ||
        (options.dataset === undefined && from?.pictures !== undefined);
      if (isOnPictures) return undefined;
      checkPictureOptions(options, from);
      const recipe = recipeOf(options, from?.settings);
      this.#checkNetwork(recipe);
      return recipe;
    } catch (error) {
      if (error instanceof UsageError) throw new UsageError(`${where}: ${error.message}`);
      if (error instanceof NinError) throw new DataError(`${where}: ${error.message}`);
      throw error;
    }
  }

  async #openWeights(path: string): Promise<InitialWeights> {
    const weights = this.#weights.get(path) ?? (await InitialWeights.open(path));
    this.#weights.set(path, weights);
    return weights;
  }

  #checkNetwork(recipe: Recipe): void {
    const { net, netOptions, resize, dataset } = recipe;
    const { image } = datasetNamed(dataset);
    checkAugment(recipe, image);
    const key = JSON.stringify([net, netOptions, resize, dataset]);
    if (this.#networks.has(key)) return;
    const shape = preprocessedShape(image, preprocessingOf("recipe", recipe, image));
    checkInputSize({ net: networkOf(recipe, image), name: net }, shape);
    this.#networks.add(key);
  }
}

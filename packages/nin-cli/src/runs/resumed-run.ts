import {
  type Checkpoint,
  DataError,
  type Dataset,
  type Layer,
  packageVersion,
  passListOf,
  type Recipe,
  type ResumeFrom,
  type TrainEvent,
} from "nin-net";
import { checkpointFiles, RunFolder } from "./run-folder.ts";
import { checkExists } from "./run-path.ts";

/** A run that goes on: its folder is this process's until disposed of. */
export class ResumedRun implements Disposable {
  readonly run: RunFolder;
  /** As the run was begun, with the number of epochs that it is to have now. */
  readonly recipe: Recipe;
  /** Null: the run ended before it had one. */
  readonly #checkpoint: Checkpoint | null;

  private constructor(run: RunFolder, recipe: Recipe, checkpoint: Checkpoint | null) {
    this.run = run;
    this.recipe = recipe;
    this.#checkpoint = checkpoint;
  }

  /**
   * @param given - settings that the command line names; more epochs than before go beyond them
   * @throws DataError if there is no such run, it is damaged or in use, or another setting differs
   */
  static async open(path: string, given: Partial<Recipe>): Promise<ResumedRun> {
    checkExists(path);
    const run = await RunFolder.reopen(path);
    try {
      const begun = run.config.recipe;
      const recipe = { ...begun, epochs: given.epochs ?? begun.epochs };
      checkGiven(begun, given);
      const checkpoint = await run.findCheckpoint("last");
      if (checkpoint !== null) checkCheckpoint(run, checkpoint);
      else await run.checkUntrained();
      return new ResumedRun(run, recipe, checkpoint);
    } catch (error) {
      run[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * The passes that the run leaves out.
   *
   * @param given - what the command line names; undefined: nothing
   * @throws DataError if the run was begun with others
   */
  passesLeftOut(given: readonly string[] | undefined): readonly string[] {
    const begun = this.run.config.withoutPasses ?? given ?? [];
    if (given !== undefined && passListOf(given) !== passListOf(begun)) {
      throw changedSetting("--passes", passListOf(given), passListOf(begun));
    }
    return begun;
  }

  /** Of the package that wrote the checkpoint, if it is not this one. */
  get otherVersion(): string | null {
    const version = this.#checkpoint?.origin.packageVersion ?? packageVersion;
    return version === packageVersion ? null : version;
  }

  /** It ended before its first step: there is nothing to go on from. */
  get beginsAnew(): boolean {
    return this.#checkpoint === null;
  }

  /** All epochs are done: there is nothing left to train. */
  get isFinished(): boolean {
    return this.#checkpoint?.state.progress.epoch === this.recipe.epochs;
  }

  /** @throws DataError if the run was begun on other data */
  checkData(data: Dataset): void {
    const begun = this.run.config.datasetChecksum;
    if (begun === null || begun === data.checksum) return;
    throw new DataError(
      `${data.source}: ${data.title} there is not what the run was begun with (SHA-256 ${short(data.checksum)}, ` +
        `expected ${short(begun)}). Give that data with --data-dir, or train a new run.`,
    );
  }

  /**
   * Puts the checkpoint's weights into the network, before anything of the run is changed.
   *
   * @throws NinError if they are of another network; DataError if the momenta that the recipe needs are missing
   */
  checkState(net: Layer): void {
    if (this.#checkpoint === null) return;
    const { weights, momenta } = this.#checkpoint.state;
    net.loadStateDict(weights);
    if (this.recipe.momentum === 0 || momenta !== null) return;
    throw new DataError(
      `${this.run.file(checkpointFiles.last)}: has no momenta, expected those of a run with momentum ` +
        `${this.recipe.momentum}. Put the run's own checkpoint back, or train a new run.`,
    );
  }

  /** Cuts off what came after the checkpoint, and tells what came before it and where to go on. */
  async rewind(): Promise<{
    readonly before: readonly TrainEvent[];
    readonly resume: ResumeFrom | undefined;
  }> {
    const checkpoint = this.#checkpoint;
    await this.run.rewind(checkpoint, this.recipe.epochs);
    const before = await this.run.events();
    if (checkpoint === null) return { before, resume: undefined };
    const { state } = checkpoint;
    const epochEnd = (await this.run.findCheckpoint("epoch"))?.state;
    // One that is older was kept before divergences were to stop the run.
    const isOfThisEpoch = epochEnd?.progress.epoch === state.progress.epoch;
    return { before, resume: { state, rollbackTo: isOfThisEpoch ? epochEnd : undefined } };
  }

  [Symbol.dispose](): void {
    this.run[Symbol.dispose]();
  }
}

function changedSetting(option: string, given: string, begun: string): DataError {
  return new DataError(
    `${option}: got ${given}, but the run was begun with ${begun}. ` +
      `A run goes on as it was begun: leave ${option} out, or train a new run.`,
  );
}

/** @throws DataError if a setting that the command line names is not what the run was begun with */
function checkGiven(begun: Recipe, given: Partial<Recipe>): void {
  for (const key of settingsOf(given)) {
    if (key === "epochs") continue;
    if (JSON.stringify(given[key]) === JSON.stringify(begun[key])) continue;
    throw changedSetting(optionOf(key), shown(given[key]), shown(begun[key]));
  }
  if (given.epochs !== undefined && given.epochs < begun.epochs) {
    throw new DataError(
      `--epochs: got ${given.epochs}, but the run was begun with ${begun.epochs}, expected as many or more. ` +
        "Leave --epochs out, or train a new run.",
    );
  }
}

/** @throws DataError if `config.json` is not the one that the checkpoint was trained with */
function checkCheckpoint(run: RunFolder, { origin }: Checkpoint): void {
  const { recipe, datasetChecksum } = run.config;
  const file = run.file("config.json");
  const advice = "Put the file back as it was, or train a new run.";
  for (const key of settingsOf(recipe)) {
    const isSame =
      key === "epochs"
        ? origin.recipe.epochs <= recipe.epochs
        : JSON.stringify(origin.recipe[key]) === JSON.stringify(recipe[key]);
    if (isSame) continue;
    throw new DataError(
      `${file}: ${key} is ${shown(recipe[key])}, but the checkpoint was trained with ${shown(origin.recipe[key])}. ${advice}`,
    );
  }
  if (origin.datasetChecksum !== datasetChecksum) {
    throw new DataError(
      `${file}: datasetChecksum is ${datasetChecksum}, but the checkpoint was trained on data of ` +
        `${origin.datasetChecksum}. ${advice}`,
    );
  }
}

function settingsOf(recipe: Partial<Recipe>): (keyof Recipe)[] {
  return Object.keys(recipe) as (keyof Recipe)[];
}

/** `batchSize` -> `--batch-size`. */
function optionOf(setting: keyof Recipe): string {
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A limit of null is `all` images. */
function shown(value: Recipe[keyof Recipe] | undefined): string {
  return value === null ? "all" : String(value);
}

function short(checksum: string): string {
  return `${checksum.slice(0, 12)}...`;
}

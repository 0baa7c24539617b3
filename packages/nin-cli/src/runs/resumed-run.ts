import { isDeepStrictEqual } from "node:util";
import {
  type AnySplit,
  type Checkpoint,
  createOptimizer,
  createSchedule,
  DataError,
  type Dataset,
  type Layer,
  modelNamed,
  type OptimizerSettings,
  packageVersion,
  passListOf,
  type Recipe,
  type ResumeFrom,
  type TrainEvent,
} from "nin-net";
import { settingOf } from "../options/recipe-options.ts";
import { optionName } from "../options/values.ts";
import { shortDigest } from "./file-digest.ts";
import { checkpointFiles, RunFolder } from "./run-folder.ts";
import { checkExists } from "./run-path.ts";

/** A run that goes on: its folder is this process's until disposed of. */
export class ResumedRun implements Disposable {
  readonly run: RunFolder;
  /** As the run was begun, with the number of epochs that it is to have now. */
  readonly recipe: Recipe;
  /** Null: the run ended before it had one. */
  readonly #checkpoint: Checkpoint | null;
  readonly #isWriter: boolean;

  private constructor(run: RunFolder, recipe: Recipe, checkpoint: Checkpoint | null, isWriter: boolean) {
    this.run = run;
    this.#isWriter = isWriter;
    this.recipe = recipe;
    this.#checkpoint = checkpoint;
  }

  /**
   * @param givenOf - the settings that the command line names, on top of the run's own; only the epochs may be more
   * @param isWriter - false: another process has the folder and writes there; this one only reads
   * @throws DataError if there is no such run, it is damaged or in use, or another setting differs
   */
  static async open(
    path: string,
    givenOf: (begun: Recipe) => Partial<Recipe>,
    isWriter = true,
  ): Promise<ResumedRun> {
    checkExists(path);
    const run = isWriter ? await RunFolder.reopen(path) : await RunFolder.open(path);
    try {
      const begun = run.config.recipe;
      const given = givenOf(begun);
      const recipe = { ...begun, epochs: given.epochs ?? begun.epochs };
      checkGiven(begun, given);
      const checkpoint = await run.findCheckpoint("last");
      if (checkpoint !== null) checkCheckpoint(run, checkpoint);
      else await run.checkUntrained();
      return new ResumedRun(run, recipe, checkpoint, isWriter);
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

  /**
   * The weights of the classes that the run has.
   *
   * @param given - what the command line names; undefined: nothing
   * @throws DataError if the run was begun otherwise
   */
  weightsGiven(given: "balanced" | "none" | undefined): Recipe["classWeights"] {
    const { classWeights } = this.recipe;
    const begun = classWeights === null ? "none" : "balanced";
    if (given !== undefined && given !== begun) throw changedSetting("--class-weights", given, begun);
    return classWeights;
  }

  /** Of the package that wrote the checkpoint, if it is not this one. */
  get otherVersion(): string | null {
    const version = this.#checkpoint?.origin.packageVersion ?? packageVersion;
    return version === packageVersion ? null : version;
  }

  /** It ended before its first step: there is nothing to go on from. */
  get startsAgain(): boolean {
    return this.#checkpoint === null;
  }

  /** It ended before its first step, and was to begin with fresh weights. */
  get beginsFresh(): boolean {
    return this.startsAgain && this.run.config.weightsOrigin === undefined;
  }

  /** All epochs are done: there is nothing left to train. */
  get isFinished(): boolean {
    return this.#checkpoint?.state.progress.epoch === this.recipe.epochs;
  }

  /** @throws DataError if the run was begun on other data */
  checkData(data: Dataset<AnySplit>): void {
    const begun = this.run.config.datasetChecksum;
    if (begun === null || begun === data.checksum) return;
    throw new DataError(
      `${data.source}: ${data.title} there is not what the run was begun with (SHA-256 ${shortDigest(data.checksum)}, ` +
        `expected ${shortDigest(begun)}). Give that data with --data-dir, or train a new run.`,
    );
  }

  /**
   * Puts the checkpoint's weights into the network, before anything of the run is changed.
   *
   * @throws NinError if they are of another network; DataError if something that the optimiser keeps is missing
   */
  checkState(net: Layer): void {
    if (this.#checkpoint === null) return;
    const { weights, optimizer, averages } = this.#checkpoint.state;
    net.loadStateDict(weights);
    const { name, stateNames } = createOptimizer(this.recipe.optimizer);
    if (this.recipe.ema !== null && averages === undefined) {
      throw new DataError(
        `${this.run.file(checkpointFiles.last)}: has no averages of the weights, which the run's ema keeps. ` +
          "Put the run's own checkpoint back, or train a new run.",
      );
    }
    const missing = stateNames.find((each) => optimizer[each] === undefined);
    if (missing === undefined) return;
    throw new DataError(
      `${this.run.file(checkpointFiles.last)}: has no ${missing}, which ${name} keeps for each weight. ` +
        "Put the run's own checkpoint back, or train a new run.",
    );
  }

  /**
   * Cuts off what came after the checkpoint, if this process writes.
   *
   * @returns the events before it, of the steps only the newest, and the state to go on from
   */
  async rewind(): Promise<{
    readonly before: readonly TrainEvent[];
    readonly resume: ResumeFrom | undefined;
  }> {
    const checkpoint = this.#checkpoint;
    if (this.#isWriter) await this.run.rewind(checkpoint, this.recipe.epochs);
    const before = this.#isWriter ? await this.run.history() : [];
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
    if (isSameSetting(key, given, begun)) continue;
    const [option, to, from] = changeOf(key, given, begun);
    throw changedSetting(option, shown(key, to), shown(key, from));
  }
  if (given.epochs !== undefined && given.epochs < begun.epochs) {
    throw new DataError(
      `--epochs: got ${given.epochs}, but the run was begun with ${begun.epochs}, expected as many or more. ` +
        "Leave --epochs out, or train a new run.",
    );
  }
  if ((given.epochs ?? 0) > begun.epochs && createSchedule(begun.schedule).spansRun) {
    throw new DataError(
      `--epochs: got ${given.epochs}, but the schedule ${begun.schedule.name} was planned for ${begun.epochs} ` +
        "epochs. Leave --epochs out, or train a new run.",
    );
  }
}

/** An option of the network that only one of them names is the network's default in the other. */
function isSameSetting(key: keyof Recipe, given: Partial<Recipe>, begun: Recipe): boolean {
  if (key !== "netOptions" || (given.net ?? begun.net) !== begun.net) {
    return isDeepStrictEqual(given[key], begun[key]);
  }
  return isDeepStrictEqual(wholeOptions(begun.net, given[key]!), wholeOptions(begun.net, begun[key]));
}

/** A network's options, those left out with their defaults. */
function wholeOptions(net: string, options: Recipe["netOptions"]): Recipe["netOptions"] {
  return modelNamed(net).options.parse(options);
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
        : isDeepStrictEqual(origin.recipe[key], recipe[key]);
    if (isSame) continue;
    throw new DataError(
      `${file}: ${key} is ${shown(key, recipe[key])}, but the checkpoint was trained with ${shown(key, origin.recipe[key])}. ${advice}`,
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

/** The option of a setting, what came and what was. */
function changeOf(
  key: keyof Recipe,
  given: Partial<Recipe>,
  begun: Recipe,
): [option: string, given: unknown, begun: unknown] {
  if (key === "optimizer") return changedOptimizer(given[key]!, begun[key]);
  if (key === "netOptions") {
    const whole = wholeOptions(begun.net, begun[key]);
    const name = Object.keys(given[key]!).find((each) => !isDeepStrictEqual(given[key]![each], whole[each]))!;
    return [optionName(name), given[key]![name], begun[key][name] ?? "the network's default"];
  }
  const isStatistic = key === "mean" || key === "std";
  const ofStatistics = given[key] === null ? "--no-normalize" : "--normalize";
  return [isStatistic ? ofStatistics : optionName(key), given[key], begun[key]];
}

/** The first difference between two optimisers: its option, what came and what was. */
function changedOptimizer(
  given: OptimizerSettings,
  begun: OptimizerSettings,
): [option: string, given: unknown, begun: unknown] {
  if (given.name !== begun.name) return ["--optimizer", given.name, begun.name];
  const setting = Object.keys(given).find((name) => settingOf(given, name) !== settingOf(begun, name))!;
  return [optionName(setting), settingOf(given, setting), settingOf(begun, setting)];
}

/** What a setting of null means; `none` where it is not here. */
const shownNull: Partial<Record<keyof Recipe, string>> = {
  limit: "all",
  testLimit: "all",
  resize: "as stored",
};

function shown(key: keyof Recipe, value: unknown): string {
  if (value === null) return shownNull[key] ?? "none";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  allPassNames,
  type Checkpoint,
  DataError,
  type DivergencePolicy,
  datasetNamed,
  decodeCheckpoint,
  divergencePolicies,
  encodeCheckpoint,
  type ImageSpec,
  type Layer,
  makeFolders,
  noProgress,
  type Preprocessing,
  packageVersion,
  parseRecipe,
  preprocessingOf,
  type Recipe,
  resultWeights,
  type TrainEvent,
  type TrainingState,
} from "nin-net";
import { EventHistory, isEvent } from "./event-history.ts";
import { type PictureSource, parsePictureSource } from "./picture-source.ts";
import { appendToFile, contentOf, replaceFile, syncFile, wholeLines, writing } from "./run-folder-files.ts";
import { lockRunFolder } from "./run-folder-lock.ts";

/** What a run was begun from instead of fresh weights, as `config.json` keeps it. */
export interface WeightsOrigin {
  /** Of a run's folder or a file of weights, as it was given. */
  readonly path: string;
  /** Of the file of weights, in hexadecimal. */
  readonly sha256: string;
  /** Whether the last layers, as many as depend on the number of classes, began with fresh weights. */
  readonly newHead: boolean;
}

/** What `config.json` holds. */
export interface RunConfig {
  readonly recipe: Recipe;
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256 of the data set's files; null where it was not taken. */
  readonly datasetChecksum: string | null;
  /** What a divergence does; left out: it stops the run. */
  readonly onDivergence?: DivergencePolicy | undefined;
  /** Rewriting passes that are left out, `all` or by name; left out: nobody asked which. */
  readonly withoutPasses?: readonly string[] | undefined;
  /** What the images are that it is trained on; left out by older versions. */
  readonly image?: ImageSpec | undefined;
  /** How the network sees them; left out by older versions. */
  readonly preprocessing?: Preprocessing | undefined;
  /** The pictures of one's own that it is trained on; left out: a data set of the registry. */
  readonly pictures?: PictureSource | undefined;
  /** The weights that it was begun from; left out: fresh ones. */
  readonly weightsOrigin?: WeightsOrigin | undefined;
  /** What it was begun on, for people; left out where nobody asked. */
  readonly machine?: string | undefined;
}

/** Files of weights in a run's folder. */
export const checkpointFiles = {
  /** The newest state. */
  last: "checkpoint.safetensors",
  /** After the first epoch of the highest test accuracy; weights alone. */
  best: "best.safetensors",
  /** After the last whole epoch, where a divergence goes back to; kept only if it may. */
  epoch: "epoch.safetensors",
} as const;
export type CheckpointKind = keyof typeof checkpointFiles;

/** How far the weights of a checkpoint have come. */
export interface CheckpointInfo {
  /** Whole epochs done. */
  readonly epoch: number;
  /** Steps done in the epoch after them. */
  readonly step: number;
}

/** A run's folder: `config.json`, `events.jsonl`, checkpoints, and what reports put there. */
export class RunFolder implements Disposable {
  readonly path: string;
  #config: RunConfig;
  /** Lines of `events.jsonl` that this object knows to be whole. */
  #events = 0;
  /** Of a run that this object writes from its beginning, or from where it was rewound to. */
  #history: EventHistory | undefined;
  #lock: Disposable | undefined;

  private constructor(path: string, config: RunConfig, lock?: Disposable) {
    this.path = path;
    this.#config = config;
    this.#lock = lock;
  }

  /**
   * Makes the folder, and those above it, and writes `config.json`. The folder is this process's until disposed of.
   *
   * @throws DataError if there is a run in it already, another process has it, or it cannot be written
   */
  static async create(path: string, config: RunConfig): Promise<RunFolder> {
    await writing(path, () => makeFolders(path));
    const lock = await lockRunFolder(path);
    try {
      if (await exists(join(path, configName))) {
        throw new DataError(`${path}: holds a run already. Choose another folder, or remove this one first.`);
      }
      const run = new RunFolder(path, config, lock);
      run.#history = new EventHistory();
      await run.#writeConfig();
      return run;
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Opens an existing run for reading.
   *
   * @throws DataError if the folder holds no run or a damaged one
   */
  static async open(path: string): Promise<RunFolder> {
    return new RunFolder(path, await readConfig(path));
  }

  /**
   * Opens an existing run to go on with it; the folder is this process's until disposed of.
   *
   * @throws DataError as {@link open}, and if another process has it
   */
  static async reopen(path: string): Promise<RunFolder> {
    await readConfig(path); // before anything is written to what may be no run at all
    const lock = await lockRunFolder(path);
    try {
      return new RunFolder(path, await readConfig(path), lock);
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  get config(): RunConfig {
    return this.#config;
  }

  /** What the images are that it is trained on. */
  get image(): ImageSpec {
    return this.#config.image ?? datasetNamed(this.#config.recipe.dataset).image;
  }

  /** How the network sees the images. */
  get preprocessing(): Preprocessing {
    return this.#config.preprocessing ?? preprocessingOf(configName, this.#config.recipe, this.image);
  }

  /** Where a file of the run is or will be. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Adds a line to `events.jsonl`. */
  async append(event: TrainEvent): Promise<void> {
    await appendToFile(this.file(eventsName), `${JSON.stringify(event)}\n`);
    this.#events++;
    this.#history?.add(event);
  }

  /**
   * Reads the events so far, one after the other: the file grows with every step, and may be larger than the memory.
   * A last line that was cut short is left out.
   *
   * @throws DataError if there are none or a line within is damaged
   */
  async *events(): AsyncGenerator<TrainEvent> {
    const file = this.file(eventsName);
    let number = 0;
    for await (const lines of this.#eventLines()) {
      for (const line of lines) {
        number++;
        let event: unknown;
        try {
          event = JSON.parse(line);
        } catch {
          throw new DataError(`${file}: line ${number} is not JSON. The run is damaged; train again.`);
        }
        if (!isEvent(event)) {
          throw new DataError(`${file}: line ${number} is not an event. The run is damaged; train again.`);
        }
        yield event;
      }
    }
  }

  /**
   * The events so far, of the steps only the newest: what reports and curves are made of, however long the run is.
   *
   * @throws DataError if there are none or a line within is damaged
   */
  async history(): Promise<TrainEvent[]> {
    return (await this.eventHistory()).events();
  }

  /**
   * The events so far and the mean losses of the steps, from one pass over the file.
   *
   * @throws DataError if there are none or a line within is damaged
   */
  async eventHistory(): Promise<EventHistory> {
    if (this.#history !== undefined) return this.#history;
    const history = new EventHistory();
    for await (const event of this.events()) history.add(event);
    return history;
  }

  /** {@link eventHistory}, or null if there are no events: nobody has trained the run, its weights were imported. */
  async findHistory(): Promise<EventHistory | null> {
    return (await exists(this.file(eventsName))) ? this.eventHistory() : null;
  }

  /** @throws DataError if there are none */
  #eventLines(): AsyncGenerator<string[]> {
    return wholeLines(this.file(eventsName), "Give the folder of a run that has begun.");
  }

  /**
   * Makes the run one that has come just as far as a checkpoint, and is to do `epochs` epochs: cuts off the events
   * that came after it, and puts the number into the recipe, in `config.json` and in the `start` event.
   *
   * @param checkpoint - null: a run that has none starts from the beginning
   * @throws DataError if there are fewer events than the checkpoint knows of, or damaged ones; nothing is changed then
   */
  async rewind(checkpoint: Checkpoint | null, epochs: number): Promise<void> {
    const count = checkpoint?.events ?? 0;
    // Before anything is written: what is refused stays as it is.
    const history = await this.#historyOfFirst(count, epochs);
    if (epochs !== this.#config.recipe.epochs) {
      this.#config = { ...this.#config, recipe: { ...this.#config.recipe, epochs } };
      await this.#writeConfig();
    }
    await replaceFile(this.file(eventsName), this.#firstLines(count, epochs));
    this.#events = count;
    this.#history = history;
  }

  /** @throws DataError if there are fewer events, or any is damaged */
  async #historyOfFirst(count: number, epochs: number): Promise<EventHistory> {
    const history = new EventHistory();
    if (count === 0) return history;
    let found = 0;
    for await (const event of this.events()) {
      if (++found <= count) history.add(found === 1 ? withEpochs(event, epochs) : event);
    }
    if (found >= count) return history;
    throw new DataError(
      `${this.file(eventsName)}: has ${found} events, but the checkpoint was written after ${count}. ` +
        "Put the file back as it was, or train again.",
    );
  }

  /** The first lines of `events.jsonl` in large pieces, `epochs` put into the recipe of `start`. */
  async *#firstLines(count: number, epochs: number): AsyncGenerator<string> {
    if (count === 0) return;
    let done = 0;
    for await (const lines of this.#eventLines()) {
      const kept = lines.slice(0, count - done);
      if (done === 0) kept[0] = withEpochsInLine(kept[0]!, epochs);
      done += kept.length;
      yield `${kept.join("\n")}\n`;
      if (done === count) return;
    }
  }

  /**
   * Replaces a checkpoint; there is never half a file, and no event that came before it can be lost any more.
   *
   * @param kind - `best` has the weights alone, or their averages where some are kept: no training continues from it
   */
  async saveState(state: TrainingState, kind: CheckpointKind = "last"): Promise<void> {
    await syncFile(this.file(eventsName));
    const { recipe, datasetChecksum } = this.#config;
    const bytes = await encodeCheckpoint({
      state:
        kind === "best"
          ? { ...state, weights: resultWeights(state), optimizer: {}, averages: undefined }
          : state,
      origin: { recipe, datasetChecksum, packageVersion },
      events: this.#events,
    });
    await this.writeFile(checkpointFiles[kind], bytes);
  }

  /** Makes a network's weights the run's newest checkpoint, for those that the training loop has not trained. */
  async saveCheckpoint(net: Layer, info: CheckpointInfo): Promise<void> {
    const progress = { ...noProgress(this.#config.recipe.lr), ...info };
    await this.saveState({ weights: net.stateDict(), optimizer: {}, progress });
  }

  /** @throws DataError if there is none or it is damaged */
  async readCheckpoint(kind: CheckpointKind = "last"): Promise<Checkpoint> {
    const file = this.file(checkpointFiles[kind]);
    const bytes = await contentOf(
      file,
      "Train for at least one epoch, or stop with one Ctrl-C, to have one.",
    );
    try {
      return await decodeCheckpoint(bytes);
    } catch (error) {
      throw new DataError(`${file}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** {@link readCheckpoint}, or null if there is none. */
  async findCheckpoint(kind: CheckpointKind): Promise<Checkpoint | null> {
    return (await exists(this.file(checkpointFiles[kind]))) ? this.readCheckpoint(kind) : null;
  }

  /**
   * Makes sure that a run without its newest checkpoint has trained nothing yet: before the first step there always
   * is one, so where there are steps it was lost.
   *
   * @throws DataError naming what the run has that came after a checkpoint
   */
  async checkUntrained(): Promise<void> {
    const later = await this.#firstTraceOfTraining();
    if (later === undefined) return;
    throw new DataError(
      `${this.file(checkpointFiles.last)}: is missing, but ${later} shows that the run has trained. ` +
        "Put the file back, or train a new run.",
    );
  }

  async #firstTraceOfTraining(): Promise<string | undefined> {
    for (const name of [checkpointFiles.best, checkpointFiles.epoch]) {
      if (await exists(this.file(name))) return name;
    }
    const events = (await exists(this.file(eventsName))) ? await this.history() : [];
    return events.some(({ kind }) => kind !== "start") ? eventsName : undefined;
  }

  /**
   * Puts a checkpoint's weights, or their averages where it has some, into a network.
   *
   * @throws DataError if there is none or it is damaged; NinError if it is of another network
   */
  async loadCheckpoint(net: Layer, kind: CheckpointKind = "last"): Promise<CheckpointInfo> {
    const { state } = await this.readCheckpoint(kind);
    net.loadStateDict(resultWeights(state));
    return { epoch: state.progress.epoch, step: state.progress.step };
  }

  /** Replaces a file of the run; there is never half a file. */
  async writeFile(name: string, content: string | Uint8Array): Promise<void> {
    await replaceFile(this.file(name), content);
  }

  async #writeConfig(): Promise<void> {
    await this.writeFile(configName, `${JSON.stringify(this.#config, null, 2)}\n`);
  }

  /** Gives the folder back to other processes. */
  [Symbol.dispose](): void {
    this.#lock?.[Symbol.dispose]();
    this.#lock = undefined;
  }
}

const configName = "config.json";
const eventsName = "events.jsonl";

async function readConfig(path: string): Promise<RunConfig> {
  const file = join(path, configName);
  const text = await contentOf(file, "Give the folder that `nin train` named at its end.");
  let config: unknown;
  try {
    config = JSON.parse(text.toString("utf8"));
  } catch {
    throw new DataError(`${file}: is not JSON. The run is damaged; train again.`);
  }
  if (typeof config !== "object" || config === null || !("recipe" in config)) {
    throw new DataError(`${file}: got no recipe, expected the settings of a run. Give a run's folder.`);
  }
  const {
    versions = {},
    datasetChecksum = null,
    onDivergence,
    withoutPasses,
    pictures,
    weightsOrigin,
    machine,
    image,
    preprocessing,
  } = config as Partial<RunConfig>;
  return {
    recipe: recipeIn(file, config.recipe, pictures !== undefined),
    versions,
    datasetChecksum,
    ...(onDivergence !== undefined && { onDivergence: parsePolicy(file, onDivergence) }),
    ...(withoutPasses !== undefined && { withoutPasses: parsePasses(file, withoutPasses) }),
    ...(pictures !== undefined && { pictures: parsePictureSource(file, pictures) }),
    ...(weightsOrigin !== undefined && { weightsOrigin: parseOrigin(file, weightsOrigin) }),
    ...(machine !== undefined && { machine }),
    ...(image !== undefined && { image: parseImage(file, image) }),
    ...(preprocessing !== undefined && { preprocessing: parsePreprocessing(file, preprocessing, image) }),
  };
}

function recipeIn(file: string, value: unknown, isOnPictures: boolean): Recipe {
  try {
    return parseRecipe(value, isOnPictures ? "own-data" : "known");
  } catch (cause) {
    throw new DataError(`${file}: ${(cause as Error).message} Put the file back as it was, or train again.`, {
      cause,
    });
  }
}

function parsePolicy(file: string, value: string): DivergencePolicy {
  const policy = divergencePolicies.find((name) => name === value);
  if (policy !== undefined) return policy;
  throw new DataError(
    `${file}: onDivergence is ${JSON.stringify(value)}, expected ${divergencePolicies.join(" or ")}. Put the file back as it was.`,
  );
}

function parseImage(file: string, value: ImageSpec): ImageSpec {
  const { channels, height, width, classes } = value ?? {};
  if ([channels, height, width, classes].every((count) => Number.isInteger(count) && count >= 1)) {
    return { channels, height, width, classes };
  }
  throw new DataError(
    `${file}: image is ${JSON.stringify(value)}, expected channels, height, width and classes. Put the file back as it was.`,
  );
}

function parsePreprocessing(file: string, value: Preprocessing, image: ImageSpec | undefined): Preprocessing {
  try {
    return preprocessingOf("preprocessing", value ?? {}, image ?? { channels: 1 });
  } catch (cause) {
    throw new DataError(`${file}: ${(cause as Error).message} Put the file back as it was.`, { cause });
  }
}

function parseOrigin(file: string, value: WeightsOrigin): WeightsOrigin {
  const { path, sha256, newHead } = value ?? {};
  if (typeof path === "string" && typeof sha256 === "string" && typeof newHead === "boolean") return value;
  throw new DataError(
    `${file}: weightsOrigin is ${JSON.stringify(value).slice(0, 100)}, expected path, sha256 and newHead. ` +
      "Put the file back as it was.",
  );
}

function parsePasses(file: string, value: unknown): readonly string[] {
  const known = ["all", ...allPassNames];
  if (Array.isArray(value) && value.every((name) => known.includes(name as string))) return value as string[];
  throw new DataError(
    `${file}: withoutPasses is ${JSON.stringify(value).slice(0, 100)}, expected a list of ${known.join(", ")}. ` +
      "Put the file back as it was.",
  );
}

/** A `start` event with another number of epochs in its recipe; any other event as it is. */
function withEpochs(event: TrainEvent, epochs: number): TrainEvent {
  return event.kind === "start" ? { ...event, recipe: { ...event.recipe, epochs } } : event;
}

function withEpochsInLine(line: string, epochs: number): string {
  const event = JSON.parse(line) as TrainEvent;
  const isOther = event.kind === "start" && event.recipe.epochs !== epochs;
  return isOther ? JSON.stringify(withEpochs(event, epochs)) : line;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

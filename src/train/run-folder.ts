import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../base/errors.ts";
import { readSafetensors, writeSafetensors } from "../interop/safetensors.ts";
import type { Layer } from "../nn/layer.ts";
import type { TrainEvent } from "./events.ts";
import { parseRecipe, type Recipe } from "./recipe.ts";

/** What `config.json` holds. */
export interface RunConfig {
  readonly recipe: Recipe;
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256 of the data set's files; null where it was not taken. */
  readonly datasetChecksum: string | null;
}

/** What stands beside the weights in a checkpoint. */
export interface CheckpointInfo {
  /** Whole epochs done. */
  readonly epoch: number;
  /** Steps done in the epoch after them. */
  readonly step: number;
}

/** A run's folder: `config.json`, `events.jsonl`, `checkpoint.safetensors`, and what reports put there. */
export class RunFolder {
  readonly path: string;
  readonly config: RunConfig;

  private constructor(path: string, config: RunConfig) {
    this.path = path;
    this.config = config;
  }

  /**
   * Makes the folder, and those above it, and writes `config.json`.
   *
   * @throws DataError if there is a run in it already or it cannot be written
   */
  static async create(path: string, config: RunConfig): Promise<RunFolder> {
    await writing(path, () => mkdir(path, { recursive: true }));
    if (await exists(join(path, configName))) {
      throw new DataError(`${path}: holds a run already. Choose another folder, or remove this one first.`);
    }
    const run = new RunFolder(path, config);
    await run.writeFile(configName, `${JSON.stringify(config, null, 2)}\n`);
    return run;
  }

  /**
   * Opens an existing run.
   *
   * @throws DataError if the folder holds no run or a damaged one
   */
  static async open(path: string): Promise<RunFolder> {
    const file = join(path, configName);
    const text = await reading(file, "Give the folder that `nin train` named at its end.");
    let config: unknown;
    try {
      config = JSON.parse(text.toString("utf8"));
    } catch {
      throw new DataError(`${file}: is not JSON. The run is damaged; train again.`);
    }
    if (typeof config !== "object" || config === null || !("recipe" in config)) {
      throw new DataError(`${file}: got no recipe, expected the settings of a run. Give a run's folder.`);
    }
    const { versions = {}, datasetChecksum = null } = config as Partial<RunConfig>;
    return new RunFolder(path, { recipe: parseRecipe(config.recipe), versions, datasetChecksum });
  }

  /** Where a file of the run is or will be. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Adds a line to `events.jsonl`. */
  async append(event: TrainEvent): Promise<void> {
    const file = this.file(eventsName);
    await writing(file, async () => {
      const handle = await open(file, "a");
      try {
        await handle.appendFile(`${JSON.stringify(event)}\n`);
      } finally {
        await handle.close();
      }
    });
  }

  /**
   * The events so far; a last line that was cut short is left out.
   *
   * @throws DataError if there are none or a line within is damaged
   */
  async events(): Promise<TrainEvent[]> {
    const file = this.file(eventsName);
    const text = (await reading(file, "Give the folder of a run that has begun.")).toString("utf8");
    const lines = text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .slice(0, -1);
    return lines.map((line, index) => {
      try {
        return JSON.parse(line) as TrainEvent;
      } catch {
        throw new DataError(`${file}: line ${index + 1} is not JSON. The run is damaged; train again.`);
      }
    });
  }

  /** Replaces `checkpoint.safetensors` by the network's present weights; there is never half a file. */
  async saveCheckpoint(net: Layer, info: CheckpointInfo): Promise<void> {
    const metadata = {
      format: "pt",
      epoch: `${info.epoch}`,
      step: `${info.step}`,
      recipe: JSON.stringify(this.config.recipe),
    };
    await this.writeFile(checkpointName, writeSafetensors(net.stateDict(), metadata));
  }

  /**
   * Puts the checkpoint's weights into a network.
   *
   * @throws DataError if there is none or it is damaged; NinError if it is of another network
   */
  async loadCheckpoint(net: Layer): Promise<CheckpointInfo> {
    const file = this.file(checkpointName);
    const bytes = await reading(file, "Train for at least one epoch, or stop with one Ctrl-C, to have one.");
    const { tensors, metadata } = readSafetensors(bytes);
    net.loadStateDict(tensors);
    return { epoch: Number(metadata.epoch ?? 0), step: Number(metadata.step ?? 0) };
  }

  /** Writes a file of the run under a temporary name, then renames it: there is never half a file. */
  async writeFile(name: string, content: string | Uint8Array): Promise<void> {
    const file = this.file(name);
    const temporary = `${file}.part`;
    await writing(file, async () => {
      try {
        const handle = await open(temporary, "w");
        try {
          await handle.writeFile(content);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    });
  }
}

const configName = "config.json";
const eventsName = "events.jsonl";
const checkpointName = "checkpoint.safetensors";

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function reading(file: string, fix: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new DataError(`${file}: cannot be read (${(cause as NodeJS.ErrnoException).code}). ${fix}`, {
      cause,
    });
  }
}

async function writing<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    const fix =
      code === "ENOSPC" ? "Free some space on the disk." : "Choose a folder that can be written to.";
    throw new DataError(`${file}: cannot be written (${code}). ${fix}`, { cause });
  }
}

import {
  caveatsOf,
  type Drawing,
  type EpochEvent,
  type StartEvent,
  type StepEvent,
  type TrainEvent,
} from "nin-net";
import { drawingToPng } from "../../pictures/png.ts";
import { EventFile } from "./event-file.ts";

/** A picture under the name that TensorBoard shows it by. */
export interface LoggedPicture {
  /** `group/name`. */
  readonly tag: string;
  readonly drawing: Drawing;
}

/** Event files for TensorBoard; steps are counted from the beginning of the run. */
export class TensorBoardLog implements AsyncDisposable {
  readonly #file: EventFile;
  #lastStep = Number.POSITIVE_INFINITY;

  private constructor(file: EventFile) {
    this.#file = file;
  }

  /**
   * @param folder - the run's; a resumed run gets another file in it
   * @throws DataError if it cannot be written to
   */
  static async open(folder: string): Promise<TensorBoardLog> {
    return new TensorBoardLog(await EventFile.create(folder));
  }

  /** The event file. */
  get path(): string {
    return this.#file.path;
  }

  /**
   * Adds an event.
   *
   * @param pictures - of the network after an epoch
   * @throws DataError if the file cannot be written
   */
  async log(event: TrainEvent, pictures: readonly LoggedPicture[] = []): Promise<void> {
    switch (event.kind) {
      case "start":
        return this.#file.text(0, "recipe", recipeTable(event));
      case "step":
        return this.#logStep(event);
      case "epoch":
        return this.#logEpoch(event, pictures);
      case "deadClassMaps":
      case "divergence":
      case "notice":
        return this.#file.text(this.#step, "notices", event.message);
      case "done":
        return;
      default:
        return event satisfies never;
    }
  }

  get #step(): number {
    return Number.isFinite(this.#lastStep) ? this.#lastStep : 0;
  }

  async #logStep(event: StepEvent): Promise<void> {
    const step = (event.epoch - 1) * event.steps + event.step;
    // The first step of this file, or one that a divergence goes back to, replaces what was logged for it before.
    if (step <= this.#lastStep) await this.#file.start(step);
    this.#lastStep = step;
    await this.#file.scalars(step, {
      "loss/batch": event.batchLossNats,
      "speed/images_per_second": event.imagesPerSecond,
    });
  }

  async #logEpoch(event: EpochEvent, pictures: readonly LoggedPicture[]): Promise<void> {
    await this.#file.scalars(this.#step, {
      "loss/train": event.trainLossNats,
      "loss/test": event.testLossNats,
      "accuracy/train": event.trainAccuracy,
      "accuracy/test": event.testAccuracy,
    });
    for (const { tag, drawing } of pictures) {
      const { width, height } = drawing;
      await this.#file.image(this.#step, tag, { png: await drawingToPng(drawing), width, height });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}

/** The recipe and what it runs on, in Markdown. */
function recipeTable({ recipe, device, threads, parameters, versions }: StartEvent): string {
  const rows: [string, unknown][] = [
    ...Object.entries(recipe),
    ...caveatsOf(recipe).map((caveat): [string, unknown] => ["images", caveat]),
    ["parameters", parameters],
    ["device", device],
    ["threads", threads],
    ...Object.entries(versions),
  ];
  const cell = (value: unknown) => String(value ?? "all").replaceAll("|", "\\|");
  return [
    "| setting | value |",
    "| --- | --- |",
    ...rows.map((row) => `| ${row.map(cell).join(" | ")} |`),
  ].join("\n");
}

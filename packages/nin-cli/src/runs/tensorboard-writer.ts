import {
  type AnySplit,
  type Dataset,
  type Device,
  drawExplanation,
  Explainer,
  imageAt,
  type Layer,
  NinError,
  pictureOf,
  type ScoredEvaluation,
  type TrainCallback,
  type TrainEvent,
} from "nin-net";
import { drawConfusion } from "../report/tensorboard/confusion-drawing.ts";
import { type LoggedPicture, TensorBoardLog } from "../report/tensorboard/tensorboard-log.ts";
import { grouped } from "../terminal/format.ts";
import type { RunFolder } from "./run-folder.ts";

export interface TensorBoardWriterOptions {
  readonly run: RunFolder;
  /** The one that is trained; training brings it up to date before `epoch`. */
  readonly net: Layer;
  readonly data: Dataset<AnySplit>;
  readonly device: Device;
  /** Is told why there are no pictures. */
  readonly warn: (message: string) => void;
}

/** Classes of which an image is explained. */
const mostExplained = 20;

/** Writes events for TensorBoard into a run's folder, with pictures after every epoch. */
export class TensorBoardWriter implements TrainCallback, AsyncDisposable {
  readonly #log: TensorBoardLog;
  readonly #options: TensorBoardWriterOptions;
  #evaluated: ScoredEvaluation | undefined;
  #drawsPictures = true;

  private constructor(log: TensorBoardLog, options: TensorBoardWriterOptions) {
    this.#log = log;
    this.#options = options;
  }

  /** @throws DataError if the folder cannot be written to */
  static async open(options: TensorBoardWriterOptions): Promise<TensorBoardWriter> {
    return new TensorBoardWriter(await TensorBoardLog.open(options.run.path), options);
  }

  onEvaluation(tested: ScoredEvaluation): void {
    this.#evaluated = tested;
  }

  /** @throws DataError if the folder cannot be written to */
  async onEvent(event: TrainEvent): Promise<void> {
    await this.#log.log(event, event.kind === "epoch" ? await this.#picturesIfPossible(event.epoch) : []);
  }

  async #picturesIfPossible(epoch: number): Promise<LoggedPicture[]> {
    if (!this.#drawsPictures) return [];
    try {
      return await this.#pictures(epoch);
    } catch (error) {
      // Events go on without pictures that cannot be drawn.
      if (!(error instanceof NinError)) throw error;
      this.#drawsPictures = false;
      this.#options.warn(`There will be no pictures in TensorBoard: ${error.message}`);
      return [];
    }
  }

  /** The confusion matrix, and explanations of the first test image of each class, or of the first of many. */
  async #pictures(epoch: number): Promise<LoggedPicture[]> {
    const { run, net, data, device } = this.#options;
    const pictures: LoggedPicture[] = [];
    if (this.#evaluated !== undefined) {
      const { confusion } = this.#evaluated.evaluation;
      const images = data.synthetic ? "Synthetic test images" : `Test images of ${data.title}`;
      const { testLimit } = run.config.recipe;
      const count = testLimit === null ? "" : `, only the first ${grouped(testLimit)}`;
      const title = `${images}${count}, epoch ${epoch}`;
      pictures.push({ tag: "test/confusion", drawing: drawConfusion(confusion, data.classes, title) });
    }
    const { image, preprocessing } = run;
    const { classes, test } = data;
    const shown = firstOfEachClass(test, Math.min(classes.length, mostExplained));
    const images = shown.map((index) => imageAt(test, index));
    using explainer = await Explainer.open(net, { image, preprocessing, device, classes });
    (await explainer.explain(images)).forEach((explanation, n) => {
      const name = classes[test.labels[shown[n]!]!]!;
      const drawing = drawExplanation(explanation, pictureOf(image, images[n]!), {
        title: name,
        subtitle: `test image ${shown[n]}, epoch ${epoch}`,
      });
      pictures.push({ tag: `explained/${name}`, drawing });
    });
    return pictures;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log[Symbol.asyncDispose]();
  }
}

function firstOfEachClass({ labels }: AnySplit, classes: number): number[] {
  return Array.from({ length: classes }, (_, k) => labels.indexOf(k)).filter((index) => index >= 0);
}

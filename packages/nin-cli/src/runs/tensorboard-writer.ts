import {
  type Dataset,
  type Device,
  drawExplanation,
  explain,
  imageBatch,
  imageSize,
  NinError,
  preprocessedShape,
  type Sequential,
  type Split,
  type TestedImages,
  type TrainCallback,
  type TrainEvent,
} from "nin-net";
import { drawConfusion } from "../report/tensorboard/confusion-drawing.ts";
import { type BoardPicture, TrainingBoard } from "../report/tensorboard/training-board.ts";
import type { RunFolder } from "./run-folder.ts";

export interface TensorBoardWriterOptions {
  readonly run: RunFolder;
  /** The one that is trained; training brings it up to date before `epoch`. */
  readonly net: Sequential;
  readonly data: Dataset;
  readonly device: Device;
  /** Is told why there are no pictures. */
  readonly warn: (message: string) => void;
}

/** Keeps events for TensorBoard in a run's folder, with pictures after every epoch. */
export class TensorBoardWriter implements TrainCallback, AsyncDisposable {
  readonly #board: TrainingBoard;
  readonly #options: TensorBoardWriterOptions;
  #tested: TestedImages | undefined;
  #drawsPictures = true;

  private constructor(board: TrainingBoard, options: TensorBoardWriterOptions) {
    this.#board = board;
    this.#options = options;
  }

  /** @throws DataError if the folder cannot be written to */
  static async open(options: TensorBoardWriterOptions): Promise<TensorBoardWriter> {
    return new TensorBoardWriter(await TrainingBoard.open(options.run.path), options);
  }

  onEvaluation(tested: TestedImages): void {
    this.#tested = tested;
  }

  /** @throws DataError if the folder cannot be written to */
  async onEvent(event: TrainEvent): Promise<void> {
    await this.#board.keep(event, event.kind === "epoch" ? await this.#picturesIfPossible(event.epoch) : []);
  }

  async #picturesIfPossible(epoch: number): Promise<BoardPicture[]> {
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

  /** The confusion matrix, and what the network sees in the first test image of each class. */
  async #pictures(epoch: number): Promise<BoardPicture[]> {
    const { run, net, data, device } = this.#options;
    const pictures: BoardPicture[] = [];
    if (this.#tested !== undefined) {
      const { confusion } = this.#tested.evaluation;
      const title = `${data.synthetic ? "Synthetic test images" : `Test images of ${data.title}`}, epoch ${epoch}`;
      pictures.push({ tag: "test/confusion", drawing: drawConfusion(confusion, data.classes, title) });
    }
    const shown = firstOfEachClass(data.test, data.classes.length);
    const images = shown.map((index) => imageAt(data.test, index));
    const batch = imageBatch(images, preprocessedShape(run.image, run.preprocessing)[1]);
    const explanations = await explain(net, batch, { device, classes: data.classes });
    explanations.forEach((explanation, n) => {
      const name = data.classes[data.test.labels[shown[n]!]!]!;
      const drawing = drawExplanation(explanation, images[n]!, {
        title: name,
        subtitle: `test image ${shown[n]}, epoch ${epoch}`,
      });
      pictures.push({ tag: `explained/${name}`, drawing });
    });
    return pictures;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#board[Symbol.asyncDispose]();
  }
}

function firstOfEachClass({ labels }: Split, classes: number): number[] {
  return Array.from({ length: classes }, (_, k) => labels.indexOf(k)).filter((index) => index >= 0);
}

function imageAt({ images }: Split, index: number): Uint8Array {
  const size = imageSize * imageSize;
  return images.slice(index * size, (index + 1) * size);
}

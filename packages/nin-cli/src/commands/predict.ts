import { Command } from "commander";
import { type Prediction, Predictor } from "nin-net";
import { openRequested } from "../options/common-options.ts";
import { addPictureOptions, checkSource, type PictureOptions } from "../options/picture-options.ts";
import { folder, wholeNumber } from "../options/values.ts";
import { PictureCounter } from "../pictures/picture-counter.ts";
import { pictureBatches, type ReadyPicture } from "../pictures/pictures.ts";
import { imageToPng } from "../pictures/png.ts";
import { OutputFolder } from "../runs/output-folder.ts";
import { openTrainedRun } from "../runs/trained-run.ts";
import { type ExitStatus, UsageError } from "../terminal/exit-status.ts";
import { examples } from "../terminal/help.ts";
import type { Output } from "../terminal/output.ts";
import { listenForStop } from "../terminal/stop-signal.ts";

interface PredictOptions extends PictureOptions {
  readonly json?: boolean;
  readonly top: number;
}

/** `nin predict RUN IMAGE...`: classifies pictures with a run's network. */
export function predictCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  const command = new Command("predict")
    .description(
      "Say what pictures show. PNG, JPEG, WebP, AVIF, GIF or TIFF of any size; prepared as the images of the run's " +
        "data set were: for Fashion-MNIST cut out, made 28x28 and grey, on black.",
    )
    .argument("<run>", "the run's folder, as nin train named it")
    .argument("[images...]", "picture files; - is standard input")
    .option("--json", "print one JSON object a picture and line")
    .option("--top <n>", "how many classes to name", wholeNumber("--top", { min: 1 }), 3)
    .option("--save-input <folder>", "keep what the network saw, as PNG", folder("--save-input"));
  return addPictureOptions(command)
    .addHelpText(
      "after",
      examples("predict runs/first boot.jpg", "predict runs/first --dataset fashion-mnist --index 0-9"),
    )
    .action(async (path: string, images: string[], options: PredictOptions) => {
      checkSource("predict", images, options);
      if (images.length === 0 && options.dataset === undefined) {
        throw new UsageError(
          "nin predict: IMAGE is missing, expected nin predict RUN IMAGE..., or --dataset NAME --index N.",
        );
      }
      using stop = listenForStop(() => {});
      try {
        finish(await runPredict(path, images, options, stop.signal, output));
      } catch (error) {
        if (!stop.signal.aborted) throw error;
        output.note("Stopped; what is printed above is done.");
        finish(stop.status);
      }
    });
}

async function runPredict(
  path: string,
  images: readonly string[],
  options: PredictOptions,
  signal: AbortSignal,
  output: Output,
): Promise<ExitStatus> {
  const { net, image, preprocessing, classes, preparation, trainedOn } = await openTrainedRun(path);
  using device = await openRequested(options);
  using predictor = await Predictor.open(net, { image, preprocessing, classes, device });
  const counter = new PictureCounter(output, options);
  const inputs = options.saveInput === undefined ? undefined : new OutputFolder(options.saveInput);

  const about = { preparation, image, classes, trainedOn };
  for await (const batch of pictureBatches(images, { ...options, ...about }, signal, output)) {
    const ready = batch.filter((picture) => picture.kind === "ready");
    const predictions = await predictor.predict(ready.map(({ pixels }) => pixels));
    for (const picture of batch) {
      if (picture.kind === "broken") {
        counter.broken(picture);
        continue;
      }
      const prediction = predictions[ready.indexOf(picture)]!;
      await inputs?.write(`${picture.stem}.input.png`, await imageToPng(picture.pixels, image));
      counter.count(picture, prediction);
      if (options.json) output.json(jsonOf(picture, prediction, options.top));
      else output.result(`${picture.name}: ${rankingText(prediction, options.top)}`);
    }
  }
  return counter.end();
}

/** `ankle boot 97.3%, sneaker 2.0%`. */
export function rankingText({ ranked }: Prediction, top: number): string {
  return ranked
    .slice(0, top)
    .map(({ name, probability }) => `${name} ${(100 * probability).toFixed(1)}%`)
    .join(", ");
}

function jsonOf(
  { name, isInverted, notes, trueClass }: ReadyPicture,
  { top, ranked }: Prediction,
  count: number,
): object {
  return {
    picture: name,
    class: top.name,
    probability: top.probability,
    ranked: ranked.slice(0, count),
    inverted: isInverted,
    ...(notes.length > 0 && { notes }),
    ...(trueClass !== undefined && { trueClass }),
  };
}

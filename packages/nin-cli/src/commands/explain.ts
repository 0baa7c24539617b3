import { join } from "node:path";
import { Command } from "commander";
import {
  type Device,
  type Drawing,
  drawExplanation,
  drawGrid,
  Explainer,
  type Explanation,
  type FoundLayer,
  featureMaps,
  findLayer,
  firstFilters,
  imageBatch,
  type Layer,
  modelNamed,
  NinError,
  pictureOf,
  resizeText,
} from "nin-net";
import { openRequested } from "../options/common-options.ts";
import { addPictureOptions, checkSource, type PictureOptions } from "../options/picture-options.ts";
import { folder, noneOf } from "../options/values.ts";
import { PictureCounter } from "../pictures/picture-counter.ts";
import { pictureBatches, type ReadyPicture } from "../pictures/pictures.ts";
import { drawingToPng } from "../pictures/png.ts";
import { OutputFolder } from "../runs/output-folder.ts";
import { openTrainedRun, type TrainedRun } from "../runs/trained-run.ts";
import { ExitStatus, UsageError } from "../terminal/exit-status.ts";
import { examples } from "../terminal/help.ts";
import type { Output } from "../terminal/output.ts";
import { listenForStop } from "../terminal/stop-signal.ts";
import { rankingText } from "./predict.ts";

interface ExplainOptions extends PictureOptions {
  readonly json?: boolean;
  readonly class?: string;
  readonly layer?: string;
  readonly filters?: boolean;
  readonly out?: string;
}

/** Class maps of fewer pixels on a side hardly say where. */
const coarse = 3;

/** `nin explain RUN IMAGE...`: pictures of what a run's network decides by. */
export function explainCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  const command = new Command("explain")
    .description(
      "Draw why: each picture as the network saw it, what in it speaks for a class, and the class maps, whose " +
        "averages are the class scores.",
    )
    .argument("<run>", "the run's folder, as nin train named it")
    .argument("[images...]", "picture files, prepared as by nin predict; - is standard input")
    .option("--class <name>", "whose map is laid over the picture (default: the likeliest)")
    .option("--layer <index>", "draw a layer's feature maps instead: 0, 2.0, -1 or Dropout")
    .option("--filters", "draw the filters of the first layer")
    .option("--out <folder>", "where the PNG files go (default: explain in the run)", folder("--out"))
    .option("--json", "print one JSON object a file and line");
  return addPictureOptions(command)
    .addHelpText(
      "after",
      examples(
        "explain runs/first boot.jpg",
        "explain runs/first --dataset fashion-mnist --index 7",
        "explain runs/first --filters",
      ),
    )
    .action(async (path: string, images: string[], options: ExplainOptions) => {
      checkSource("explain", images, options);
      const hasPictures = images.length > 0 || options.dataset !== undefined;
      if (!hasPictures && !options.filters) {
        throw new UsageError(
          "nin explain: IMAGE is missing, expected nin explain RUN IMAGE..., --dataset NAME --index N, or --filters.",
        );
      }
      refuseTogether(options, hasPictures);
      using stop = listenForStop(() => {});
      try {
        finish(await runExplain(path, images, options, stop.signal, output));
      } catch (error) {
        if (!stop.signal.aborted) throw error;
        output.note("Stopped; the files named above are written.");
        finish(stop.status);
      }
    });
}

/** @throws UsageError if options ask for different drawings, or for one of a picture where there is none */
function refuseTogether({ class: name, layer }: ExplainOptions, hasPictures: boolean): void {
  if (name !== undefined && layer !== undefined) {
    throw new UsageError("nin explain: got --class and --layer, expected one of them.");
  }
  if (hasPictures || (name === undefined && layer === undefined)) return;
  const option = name === undefined ? "--layer" : "--class";
  throw new UsageError(
    `nin explain: IMAGE is missing, which ${option} is drawn of. Name one, or leave ${option} out.`,
  );
}

async function runExplain(
  path: string,
  images: readonly string[],
  options: ExplainOptions,
  signal: AbortSignal,
  output: Output,
): Promise<ExitStatus> {
  const trained = await openTrainedRun(path);
  const classIndex = options.class === undefined ? undefined : classIndexOf(options.class, trained.classes);
  const layer = options.layer === undefined ? undefined : layerOf(options.layer, trained.net);
  const files = new OutputFolder(options.out ?? join(path, "explain"));

  if (options.filters) {
    const file = await files.write(
      "first-layer.filters.png",
      await drawingToPng(filtersDrawing(path, trained.net)),
    );
    if (options.json) output.json({ file });
    else output.result(`filters of the first layer -> ${file}`);
  }
  if (images.length === 0 && options.dataset === undefined) return ExitStatus.done;

  using device = await openRequested(options);
  const { net, image, preprocessing, classes, preparation, trainedOn } = trained;
  using explainer = await Explainer.open(net, { image, preprocessing, classes, device });
  if (explainer.whyNoMaps !== undefined && layer === undefined) {
    output.warn(`There are no class maps to draw: ${explainer.whyNoMaps} Draw a layer with --layer.`);
  }
  const counter = new PictureCounter(output, options);
  let isWarned = false;
  const about = { preparation, image, classes, trainedOn };
  for await (const batch of pictureBatches(images, { ...options, ...about }, signal, output)) {
    const ready = batch.filter((picture) => picture.kind === "ready");
    const explanations = await explainer.explain(ready.map(({ pixels }) => pixels));
    for (const picture of batch) {
      if (picture.kind === "broken") {
        counter.broken(picture);
        continue;
      }
      signal.throwIfAborted();
      const explanation = explanations[ready.indexOf(picture)]!;
      const drawing =
        layer === undefined
          ? drawExplanation(explanation, pictureOf(image, picture.pixels), {
              title: picture.name,
              subtitle: `network of ${path}`,
              classIndex,
            })
          : await layerDrawing(path, picture, layer, trained, device);
      const ending = layer === undefined ? "explain" : `layer-${layer.path}`;
      const file = await files.write(`${picture.stem}.${ending}.png`, await drawingToPng(drawing));
      counter.count(picture, explanation);
      if (options.json) output.json(jsonOf(picture, explanation, file));
      else output.result(`${picture.name}: ${rankingText(explanation, 1)} -> ${file}`);
      if (!isWarned && layer === undefined) isWarned = warnOfCoarse(explanation, trained, output);
    }
  }
  return counter.end();
}

async function layerDrawing(
  path: string,
  { name, pixels }: ReadyPicture,
  found: FoundLayer,
  { image, preprocessing }: TrainedRun,
  device: Device,
): Promise<Drawing> {
  const { shape, data } = await featureMaps(found, imageBatch([pixels], image, preprocessing), { device });
  const [, count = 1, height = 1, width = 1] = shape;
  return drawGrid(
    { shape: [count, height, width], data },
    {
      title: `layer ${found.path}, ${found.layer.kind}: ${count} maps of ${height}x${width}`,
      subtitle: `${name}, network of ${path}`,
      picture: pictureOf(image, pixels),
      legend: "value",
    },
  );
}

function filtersDrawing(path: string, net: Layer): Drawing {
  const filters = firstFilters(net);
  const [count, height, width] = filters.shape;
  return drawGrid(filters, {
    title: `first layer: ${count} filters of ${height}x${width}`,
    subtitle: `network of ${path}`,
    legend: "weight",
  });
}

function classIndexOf(name: string, classes: readonly string[]): number {
  const index = classes.findIndex((each) => each.toLowerCase() === name.toLowerCase());
  if (index >= 0) return index;
  throw noneOf("--class", name, classes);
}

function layerOf(name: string, net: Layer): FoundLayer {
  try {
    return findLayer(net, name);
  } catch (error) {
    throw error instanceof NinError ? new UsageError(`--${error.message}`) : error;
  }
}

/** @returns whether there was something to warn of */
function warnOfCoarse({ maps }: Explanation, trained: TrainedRun, output: Output): boolean {
  const [map] = maps;
  if (map === undefined || Math.min(map.height, map.width) >= coarse) return false;
  const size = `have only ${map.height}x${map.width} pixels and hardly tell where`;
  const { resize } = trained.preprocessing;
  const at = resize === null || resize[0] !== resize[1] ? resizeText(resize) : `--resize ${resize[0]}`;
  output.warn(`At ${at} the class maps ${size}. ${largerInput(trained)}`);
  return true;
}

/** What gives larger maps. */
function largerInput({ run, net, image }: TrainedRun): string {
  const { resize } = modelNamed(run.config.recipe.net).recipe;
  if (typeof resize !== "number") return "A network trained on larger images has larger maps.";
  const [, , ...size] = findLayer(net, "-3").upTo.outputShape([1, image.channels, resize, resize]);
  return `A network trained with --resize ${resize} has maps of ${size.join("x")}.`;
}

function jsonOf({ name, notes, trueClass }: ReadyPicture, explanation: Explanation, file: string): object {
  const { top, ranked, logits, maps } = explanation;
  return {
    picture: name,
    file,
    class: top.name,
    probability: top.probability,
    classes: [...ranked]
      .sort((a, b) => a.index - b.index)
      .map((each, k) => ({ ...each, score: logits[k], ...(maps[k] && { map: rowsOf(maps[k]) }) })),
    ...(notes.length > 0 && { notes }),
    ...(trueClass !== undefined && { trueClass }),
  };
}

function rowsOf({ width, data }: Explanation["maps"][number]): number[][] {
  return Array.from({ length: data.length / width }, (_, row) => [
    ...data.subarray(row * width, (row + 1) * width),
  ]);
}

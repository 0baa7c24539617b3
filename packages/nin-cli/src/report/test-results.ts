import {
  type AnySplit,
  type ClassMap,
  type Device,
  type EnlargedPicture,
  type EvaluationResult,
  Explainer,
  type Explanation,
  enlargedPicture,
  imageAt,
  type Layer,
  overlayColours,
  type PreprocessingOptions,
  type ScoredEvaluation,
  type ValueScale,
  valueScale,
} from "nin-net";
import { type ClassifiedImage, classifiedImages, firstCorrect, worstMistakes } from "./classified-images.ts";
import { colourDataUri, type PngDataUri, shadeDataUri } from "./png-data-uri.ts";
import { imageName, pictureAt, testPicture, viewSize } from "./test-picture.ts";

/** A test image and its classification. */
export interface Sample extends ClassifiedImage {
  /** Its file, or its place among the test images. */
  readonly name: string;
  /** As the data set has it; made smaller if it is larger than the page shows it. */
  readonly picture: PngDataUri;
}

/** A mistake and what led to it. */
export interface Mistake extends Sample {
  /** The image with the map of the predicted class over it; undefined where there are no class maps. */
  readonly forPredicted: PngDataUri | undefined;
  /** The image with the map of its true class over it; undefined where there are no class maps. */
  readonly forTrue: PngDataUri | undefined;
  /** In the order of the classes, on one colour scale; of many classes the most likely ones and the true one. */
  readonly maps: readonly MapTile[];
}

/** One class's map. */
export interface MapTile {
  /** The class. */
  readonly index: number;
  /** A map pixel is a picture's pixel. */
  readonly picture: PngDataUri;
  readonly height: number;
  readonly width: number;
  /** The map's average. */
  readonly score: number;
}

/** What a report shows of the test images. */
export interface TestResults {
  readonly evaluation: EvaluationResult;
  /** What the images are, as stored. */
  readonly image: Pick<AnySplit, "height" | "width">;
  /** The worst first. */
  readonly mistakes: readonly Mistake[];
  /** Some of each class, or of the first of many. */
  readonly correct: readonly (readonly Sample[])[];
  /** Images with finite scores. */
  readonly scored: number;
  /** Why there are no class maps; undefined if there are. */
  readonly whyNoMaps: string | undefined;
  /** The confusion matrix, a pixel a cell, where there are too many classes for a table. */
  readonly confusionPicture: PngDataUri | undefined;
}

export interface TestResultsOptions {
  readonly device: Device;
  /** How the network sees the images. */
  readonly preprocessing?: PreprocessingOptions | undefined;
}

/** With more classes, the confusion matrix is a picture instead of a table of numbers. */
export const mostTableClasses = 20;
const mistakesShown = 12;
const mapsShown = 12;
const correctPerClass = 8;
/** Correct images on the page. */
const correctShown = 100;

/**
 * Chooses the images that a report shows and draws them.
 *
 * @param net - with the weights that gave the scores
 * @param split - the images that were tested, in that order
 */
export async function collectTestResults(
  net: Layer,
  split: AnySplit,
  { evaluation, scores }: ScoredEvaluation,
  { device, preprocessing }: TestResultsOptions,
): Promise<TestResults> {
  const classes = evaluation.perClass.length;
  const images = classifiedImages(scores, split.labels, classes);
  const worst = worstMistakes(images, mistakesShown);
  using explainer = await Explainer.open(net, { image: split, preprocessing, device });
  const explanations = await explainer.explain(worst.map(({ index }) => imageAt(split, index)));
  const perClass = Math.max(1, Math.min(correctPerClass, Math.floor(correctShown / classes)));
  const correct = firstCorrect(images, Math.min(classes, correctShown), perClass);
  return {
    evaluation,
    image: { height: split.height, width: split.width },
    mistakes: await Promise.all(worst.map((image, i) => drawMistake(image, split, explanations[i]!))),
    correct: await Promise.all(
      correct.map((row) => Promise.all(row.map((image) => drawSample(image, split)))),
    ),
    scored: images.length,
    whyNoMaps: explainer.whyNoMaps,
    confusionPicture: classes > mostTableClasses ? await drawConfusion(evaluation) : undefined,
  };
}

async function drawSample(image: ClassifiedImage, split: AnySplit): Promise<Sample> {
  const { index } = image;
  return { ...image, name: imageName(split, index), picture: await testPicture(split, index) };
}

async function drawMistake(
  image: ClassifiedImage,
  split: AnySplit,
  explanation: Explanation,
): Promise<Mistake> {
  const sample = await drawSample(image, split);
  const shown = shownMaps(explanation, image.label);
  if (shown.length === 0) return { ...sample, forPredicted: undefined, forTrue: undefined, maps: [] };
  const scale = valueScale(shown.flatMap((k) => [...explanation.maps[k]!.data]));
  const maps = shown.map(async (index) => ({
    ...(await drawMap(explanation.maps[index]!, scale)),
    index,
    score: explanation.logits[index]!,
  }));
  const picture = enlargedPicture(pictureAt(split, image.index), viewSize);
  return {
    ...sample,
    forPredicted: await drawOverlay(picture, explanation, image.predicted, scale),
    forTrue: await drawOverlay(picture, explanation, image.label, scale),
    maps: await Promise.all(maps),
  };
}

/** The classes whose maps are shown, in their order. */
function shownMaps({ maps, ranked }: Explanation, label: number): number[] {
  const all = maps.map((_, k) => k);
  if (all.length <= mapsShown) return all;
  const likely = ranked.slice(0, mapsShown - 3).map(({ index }) => index);
  return [...new Set([...likely, label])].sort((a, b) => a - b);
}

async function drawMap(
  { data, width, height }: ClassMap,
  scale: ValueScale,
): Promise<Pick<MapTile, "picture" | "width" | "height">> {
  const picture = await colourDataUri(width, height, (x, y) => scale.colour(data[y * width + x]!));
  return { picture, width, height };
}

function drawOverlay(
  picture: EnlargedPicture,
  explanation: Explanation,
  classIndex: number,
  scale: ValueScale,
): Promise<PngDataUri> {
  const colour = overlayColours(picture, explanation.maps[classIndex]!, scale, explanation);
  return colourDataUri(picture.width, picture.height, colour);
}

const right = [0, 114, 178] as const;
const wrong = [213, 94, 0] as const;

/** Transparent where there are no images, so that it suits light and dark pages. */
function drawConfusion({ confusion, perClass }: EvaluationResult): Promise<PngDataUri> {
  const size = confusion.length;
  return shadeDataUri(size, size, (column, row) => {
    const share = confusion[row]![column]! / Math.max(1, perClass[row]!.support);
    // The square root lets rare confusions be seen.
    return { colour: column === row ? right : wrong, opacity: Math.sqrt(share) };
  });
}

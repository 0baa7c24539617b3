import {
  type Device,
  type EvaluationResult,
  type Explanation,
  explain,
  imageBatch,
  imageSize,
  overlayColours,
  type Sequential,
  type Split,
  type TestedImages,
  type ValueScale,
  valueScale,
} from "nin-net";
import { firstCorrect, type JudgedImage, judgeImages, worstMistakes } from "./judged-images.ts";
import { colourDataUri, greyDataUri, type PngDataUri } from "./png-data-uri.ts";

/** A test image and what was said of it. */
export interface Sample extends JudgedImage {
  /** As the data set has it, 28x28. */
  readonly picture: PngDataUri;
}

/** A mistake and what led to it. */
export interface Mistake extends Sample {
  /** The image with the map of the predicted class over it. */
  readonly forPredicted: PngDataUri;
  /** The image with the map of its true class over it. */
  readonly forTrue: PngDataUri;
  /** By class; one colour scale for all. */
  readonly maps: readonly MapTile[];
}

/** One class's map. */
export interface MapTile {
  /** A map pixel is a picture's pixel. */
  readonly picture: PngDataUri;
  /** The map's average. */
  readonly score: number;
}

/** What a report shows of the test images. */
export interface Tested {
  readonly evaluation: EvaluationResult;
  /** The worst first. */
  readonly mistakes: readonly Mistake[];
  /** Some of each class. */
  readonly correct: readonly (readonly Sample[])[];
  /** Images of which the scores are numbers. */
  readonly judged: number;
}

export interface TestedOptions {
  readonly device: Device;
  /** Pixels on each side that the network sees. */
  readonly resize: number;
}

const mistakesShown = 12;
const correctShown = 8;
/** Pixels on each side of a picture with a map laid over it. */
const overlaySize = 4 * imageSize;

/**
 * Chooses the images that a report shows and draws them.
 *
 * @param net - with the weights that gave the scores
 * @param split - the images that were tested, in that order
 */
export async function showTested(
  net: Sequential,
  split: Split,
  { evaluation, scores }: TestedImages,
  { device, resize }: TestedOptions,
): Promise<Tested> {
  const classes = evaluation.perClass.length;
  const images = judgeImages(scores, split.labels, classes);
  const worst = worstMistakes(images, mistakesShown);
  const explanations =
    worst.length === 0
      ? []
      : await explain(
          net,
          imageBatch(
            worst.map(({ index }) => pixelsOf(split, index)),
            resize,
          ),
          { device },
        );
  const mistakes = worst.map((image, i) => drawMistake(image, split, explanations[i]!));
  const correct = firstCorrect(images, classes, correctShown).map((row) =>
    Promise.all(row.map(async (image) => ({ ...image, picture: await drawImage(split, image.index) }))),
  );
  return {
    evaluation,
    mistakes: await Promise.all(mistakes),
    correct: await Promise.all(correct),
    judged: images.length,
  };
}

async function drawMistake(image: JudgedImage, split: Split, explanation: Explanation): Promise<Mistake> {
  const pixels = pixelsOf(split, image.index);
  const scale = valueScale(explanation.maps.flatMap(({ data }) => [...data]));
  const maps = explanation.maps.map(async ({ data, width, height }, k) => ({
    picture: await colourDataUri(width, height, (x, y) => scale.colour(data[y * width + x]!)),
    score: explanation.logits[k]!,
  }));
  return {
    ...image,
    picture: await drawImage(split, image.index),
    forPredicted: await drawOverlay(pixels, explanation, image.predicted, scale),
    forTrue: await drawOverlay(pixels, explanation, image.label, scale),
    maps: await Promise.all(maps),
  };
}

function drawOverlay(
  pixels: Uint8Array,
  explanation: Explanation,
  classIndex: number,
  scale: ValueScale,
): Promise<PngDataUri> {
  // The overlay is made for twice this size.
  const colour = overlayColours(pixels, explanation.maps[classIndex]!, scale, explanation);
  return colourDataUri(overlaySize, overlaySize, (x, y) => colour(2 * x, 2 * y));
}

function drawImage(split: Split, index: number): Promise<PngDataUri> {
  return greyDataUri(pixelsOf(split, index), imageSize, imageSize);
}

function pixelsOf({ images }: Split, index: number): Uint8Array {
  const size = imageSize * imageSize;
  return images.subarray(index * size, (index + 1) * size);
}

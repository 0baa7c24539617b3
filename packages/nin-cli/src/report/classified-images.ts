import { type Labels, softmax } from "nin-net";

/** A test image as a network classified it. */
export interface ClassifiedImage {
  /** Its place among the test images, from 0. */
  readonly index: number;
  /** Its true class. */
  readonly label: number;
  /** The class with the highest score. */
  readonly predicted: number;
  /** By class, 0..1. */
  readonly probabilities: readonly number[];
  /** Cross-entropy: -ln of the true class's probability. */
  readonly lossNats: number;
}

/**
 * Reads class scores image by image; images whose scores are not finite are left out.
 *
 * @param scores - images x classes
 */
export function classifiedImages(scores: Float32Array, labels: Labels, classes: number): ClassifiedImage[] {
  const images = Math.min(scores.length / classes, labels.length);
  return Array.from({ length: images }, (_, index) => {
    const row = scores.subarray(index * classes, (index + 1) * classes);
    const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const label = labels[index]!;
    const sum = row.reduce((total, score) => total + Math.exp(score - most), 0);
    // Not from the probability: that can round to 0.
    const lossNats = Math.log(sum) + most - row[label]!;
    return { index, label, predicted: row.indexOf(most), probabilities: softmax(row), lossNats };
  }).filter(({ lossNats }) => Number.isFinite(lossNats));
}

/** The images that are wrong by most: least probable true class first. */
export function worstMistakes(images: readonly ClassifiedImage[], count: number): ClassifiedImage[] {
  return images
    .filter(({ label, predicted }) => label !== predicted)
    .sort((a, b) => b.lossNats - a.lossNats || a.index - b.index)
    .slice(0, count);
}

/** The first images that are right, of each class: not chosen by how well they came out. */
export function firstCorrect(
  images: readonly ClassifiedImage[],
  classes: number,
  perClass: number,
): ClassifiedImage[][] {
  return Array.from({ length: classes }, (_, k) =>
    images.filter(({ label, predicted }) => label === k && predicted === k).slice(0, perClass),
  );
}

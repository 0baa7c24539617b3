import { type Labels, softmax } from "nin-net";

/** What a network says of each test image. */
export interface Answers {
  /** The class with the highest score, by image. */
  readonly classes: Uint16Array;
  /** That class's probability, 0..1, by image. */
  readonly probabilities: Float32Array;
  /** How many images are right. */
  readonly right: number;
}

/** @param scores - images x classes */
export function answersOf(scores: Float32Array, labels: Labels): Answers {
  const count = labels.length;
  const width = scores.length / count;
  const classes = new Uint16Array(count);
  const probabilities = new Float32Array(count);
  let right = 0;
  for (let index = 0; index < count; index++) {
    const row = scores.subarray(index * width, (index + 1) * width);
    // The first of the largest, as an evaluation counts.
    const answer = row.reduce((best, score, k) => (score > row[best]! ? k : best), 0);
    classes[index] = answer;
    probabilities[index] = softmax(row)[answer]!;
    if (answer === labels[index]) right++;
  }
  return { classes, probabilities, right };
}

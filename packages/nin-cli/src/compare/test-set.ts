import { createHash } from "node:crypto";
import { type AnySplit, type Dataset, imageAt, type Split } from "nin-net";

/** The images that runs are compared on. */
export interface TestSet {
  readonly data: Dataset<AnySplit>;
  /** The data set's test images, or the first of them. */
  readonly split: AnySplit;
  /** SHA-256, in hex, over what is in `split`: sets with the same digest have the same images in the same order. */
  readonly digest: string;
}

/** @param count - the first so many images; more than there are: all */
export function testSetOf(data: Dataset<AnySplit>, count: number): TestSet {
  const split = firstImages(data.test, count);
  const { channels, height, width, labels } = split;
  const hash = createHash("sha256").update(`${channels} ${height} ${width}\n`);
  for (let index = 0; index < split.count; index++) hash.update(imageAt(split, index));
  return { data, split, digest: hash.update(Uint16Array.from(labels)).digest("hex") };
}

/** The first images of a split; more than there are: all. */
export function firstImages<S extends AnySplit>(split: S, count: number): S {
  if (count >= split.count) return split;
  const { channels, height, width } = split;
  const first = { ...split, count, labels: split.labels.subarray(0, count) };
  if ("read" in first) return first;
  return { ...first, images: (first as Split).images.subarray(0, count * channels * height * width) };
}

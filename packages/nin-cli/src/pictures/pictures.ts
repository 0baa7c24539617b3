import { setMaxListeners } from "node:events";
import { basename, extname } from "node:path";
import { addAbortSignal } from "node:stream";
import { isDeepStrictEqual } from "node:util";
import {
  datasetNamed,
  datasetNames,
  datasets,
  type ImageSpec,
  imageAt,
  isSynthetic,
  loadDataset,
  type PictureNote,
  type PicturePreparation,
  type PrepareOptions,
  preparePicture,
} from "nin-net";
import type { PictureOptions } from "../options/picture-options.ts";
import { UsageError } from "../terminal/exit-status.ts";
import { grouped } from "../terminal/format.ts";
import type { Output } from "../terminal/output.ts";
import { downloadView } from "../terminal/progress/download-view.ts";
import { decodeImage, mostFileBytes, tooManyBytes } from "./decode.ts";
import { openPicture } from "./open-picture.ts";
import { reasonOf } from "./reason.ts";

/** A picture as the network is to see it. */
export interface ReadyPicture {
  readonly kind: "ready";
  /** For people: the path, `standard input`, or which image of which data set. */
  readonly name: string;
  /** What files made of it begin with. */
  readonly stem: string;
  /** As the images of the data set are stored: height * width * channels bytes. */
  readonly pixels: Uint8Array;
  readonly isInverted: boolean;
  /** Why the answer may be wrong. */
  readonly notes: readonly PictureNote[];
  /** The true class, of those that the network tells apart, where the data set tells. */
  readonly label: number | undefined;
  /** The name of the true class, where the data set tells. */
  readonly trueClass: string | undefined;
}

/** A picture that cannot be used. */
export interface BrokenPicture {
  readonly kind: "broken";
  readonly name: string;
  /** Why, and what to do: the rest of a sentence that begins with the name. */
  readonly message: string;
}

/** So many pictures are read, and classified, at a time. */
const batchSize = 32;

/** Options of the command, and what pictures are made into. */
interface PictureBatchOptions extends PictureOptions {
  /** As the run's data set was prepared. */
  readonly preparation: PicturePreparation;
  /** What the run's images are. */
  readonly image: ImageSpec;
  /** The run's classes. */
  readonly classes: readonly string[];
  /** What the run was trained on. */
  readonly trainedOn: { readonly title: string; readonly synthetic: boolean };
}

/** Reads and prepares pictures, batch after batch; a broken one does not keep the others from being used. */
export async function* pictureBatches(
  images: readonly string[],
  options: PictureBatchOptions,
  signal: AbortSignal,
  output: Output,
): AsyncGenerator<readonly (ReadyPicture | BrokenPicture)[]> {
  const { dataset, index } = options;
  if (dataset !== undefined && index !== undefined) {
    const all = await datasetPictures({ ...options, dataset, index }, signal, output);
    for (let start = 0; start < all.length; start += batchSize) {
      signal.throwIfAborted();
      yield all.slice(start, start + batchSize);
    }
    return;
  }
  // Every picture of a batch listens, and Node 20 warns of more than ten.
  setMaxListeners(2 * batchSize, signal);
  for (let start = 0; start < images.length; start += batchSize) {
    signal.throwIfAborted();
    const batch = images.slice(start, start + batchSize);
    yield await Promise.all(batch.map((path) => filePicture(path, options, signal)));
  }
}

async function filePicture(
  path: string,
  { invert, preparation, image }: PrepareOptions,
  signal: AbortSignal,
): Promise<ReadyPicture | BrokenPicture> {
  const isInput = path === "-";
  const name = isInput ? "standard input" : path;
  try {
    // Standard input that a person forgot to redirect may never end by itself, nor a pipe without a writer.
    const stream = addAbortSignal(signal, isInput ? process.stdin : await openPicture(path));
    const bytes = await readWhole(stream, signal);
    const picture = await decodeImage(bytes);
    const { pixels, isInverted, notes } = preparePicture(picture, { invert, preparation, image });
    const stem = isInput ? "stdin" : basename(path, extname(path));
    return { kind: "ready", name, stem, pixels, isInverted, notes, label: undefined, trueClass: undefined };
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: "broken", name, message: reasonOf(error) };
  }
}

async function readWhole(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    signal.throwIfAborted();
    chunks.push(chunk);
    length += chunk.length;
    if (length > mostFileBytes) throw tooManyBytes();
  }
  return Buffer.concat(chunks, length);
}

async function datasetPictures(
  options: PictureBatchOptions & Required<Pick<PictureOptions, "dataset" | "index">>,
  signal: AbortSignal,
  output: Output,
): Promise<readonly ReadyPicture[]> {
  const { dataset, index, dataDir, verify, trainedOn } = options;
  using download = downloadView(output.stderr, { quiet: false });
  checkSameImages(datasetNamed(dataset), options.image, trainedOn.title);
  const { test, classes } = await loadDataset(dataset, {
    dataDir,
    verify,
    signal,
    onProgress: download.show,
  });
  const outside = index.find((each) => each >= test.count);
  if (outside !== undefined) {
    throw new UsageError(
      `--index: got ${outside}, expected 0 to ${test.count - 1}: ${dataset} has ${grouped(test.count)} test images.`,
    );
  }
  const isOfRun = isDeepStrictEqual(classes, options.classes);
  const { title } = datasetNamed(dataset);
  const known = `The run was trained on ${trainedOn.title}, and these are images of ${title}`;
  if (!isOfRun) {
    const names = options.classes.slice(0, 4).join(", ");
    const more = options.classes.length > 4 ? ", ..." : "";
    output.warn(`${known}: the answer is always one of its own classes (${names}${more}).`);
  } else if (isSynthetic(dataset) !== trainedOn.synthetic) {
    output.warn(`${known}: what comes out right here says little about the others.`);
  }
  return index.map((each) => {
    const label = test.labels[each]!;
    return {
      kind: "ready",
      name: `${dataset} ${each} (${classes[label]})`,
      stem: `${dataset}-${each}`,
      pixels: imageAt(test, each),
      isInverted: false,
      notes: [],
      label: isOfRun ? label : undefined,
      trueClass: classes[label]!,
    };
  });
}

/** @throws UsageError if a data set's images are not what the network takes */
function checkSameImages(
  { title, image }: { readonly title: string; readonly image: ImageSpec },
  want: ImageSpec,
  trainedOn: string,
): void {
  const sizeOf = ({ channels, height, width }: ImageSpec) =>
    `${height}x${width} of ${channels === 1 ? "one channel" : `${channels} channels`}`;
  if (sizeOf(image) === sizeOf(want)) return;
  const isKnown = datasetNames.some((name) => datasets[name].title === trainedOn);
  const fix = isKnown
    ? `Choose the data set that the run was trained on, ${trainedOn}.`
    : "The run was trained on pictures of somebody's own: give picture files instead of --dataset.";
  throw new UsageError(
    `--dataset: got ${title}, whose images are ${sizeOf(image)}, expected ${sizeOf(want)}. ${fix}`,
  );
}

import { createHash } from "node:crypto";
import { basename } from "node:path";
import { DataError, type Dataset, type ImageSpec, type StreamedSplit } from "nin-net";
import type { PictureSource } from "../runs/picture-source.ts";
import { grouped } from "../terminal/format.ts";
import { checkCase, checkClasses, checkKnownClasses, named } from "./class-checks.ts";
import { type DecodeOptions, decodePictures } from "./decode-pictures.ts";
import { acrossClasses, acrossHalves, type PlacedFile, placed } from "./halves.ts";
import type { Half, LabelledFile } from "./layout.ts";
import { openTree } from "./open-tree.ts";
import { type CachedPicture, cachePlace, PictureCache } from "./picture-cache.ts";
import type { BrokenFile, PictureTree } from "./picture-tree.ts";

/** How pictures become a data set. */
export interface PictureDatasetOptions extends DecodeOptions {
  /** The user's. */
  readonly cacheDir: string;
  /** Default: 1 if all pictures are grey, else 3. */
  readonly channels?: 1 | 3 | undefined;
  /** Share kept to test on; left out: a fifth, unless the folders say which. */
  readonly testShare?: number | undefined;
  /** Refuses what is otherwise skipped with a note. */
  readonly strict?: boolean | undefined;
  /** Of the run that the pictures are for; left out: those that are found. */
  readonly classes?: readonly string[] | undefined;
  /** Told what a person should know, in sentences. */
  readonly onNote?: ((sentences: string) => void) | undefined;
}

/** Pictures of one's own as a data set whose images are read from the cache; it holds files open until disposed of. */
export interface PictureDataset extends Dataset<StreamedSplit>, AsyncDisposable {
  readonly pictures: PictureSource;
  /** Whether the number of channels was chosen by looking at the pictures. */
  readonly areChannelsChosen: boolean;
}

const defaultTestShare = 0.2;

/**
 * Reads the pictures that lie at a path, those that have changed since the last time, and splits them.
 *
 * @param path - absolute
 * @throws DataError in one sentence if there is nothing to train on there
 */
export async function openPictures(path: string, options: PictureDatasetOptions): Promise<PictureDataset> {
  const { preparation, height, width, cacheDir, onNote } = options;
  const title = basename(path).normalize("NFC");
  const { tree, layout, broken, datasetName } = await openTree(path, title);
  await using _ = tree;
  for (const note of layout.notes) onNote?.(note);
  const isForRun = options.classes !== undefined;
  if (isForRun) checkKnownClasses(path, layout.classes, options.classes);
  else {
    await checkCase(path, layout, tree);
    checkClasses(path, layout, layout.files);
  }
  const hasGivenHalves = layout.files.some(({ half }) => half !== undefined);
  if (hasGivenHalves && options.testShare !== undefined && !isForRun) {
    throw new DataError(
      `--test-share: got ${options.testShare}, but ${path} says which pictures are tested on. Leave it out.`,
    );
  }

  const folder = cachePlace(cacheDir, title, [path, preparation, height, width]);
  const cache = await PictureCache.open({ folder, height, width });
  try {
    const unread = await decodeInto(cache, tree, layout.files, options);
    tell(options, path, problems.unread, [...broken, ...unread].map(brokenText));
    const read = layout.files.flatMap((file) => {
      const sha256 = cache.digestOf(file);
      return sha256 === undefined ? [] : [{ ...file, sha256 }];
    });
    if (!isForRun) checkClasses(path, layout, read);
    const { classes = layout.classes, testShare = defaultTestShare } = options;
    const all = placed(read, testShare).sort(byContent);
    tell(options, path, problems.ambiguous, acrossClasses(all).map(copiesText));
    tell(options, path, problems.shared, acrossHalves(all).map(copiesText));

    const cached = (files: readonly PlacedFile[]) => files.map(({ sha256 }) => cache.picture(sha256)!);
    const isGrey = cached(all).every((picture) => picture.channels === 1);
    const image = { channels: options.channels ?? (isGrey ? 1 : 3), height, width, classes: classes.length };
    const half = (which: Half) => all.filter((file) => file.half === which);
    const split = (files: readonly PlacedFile[]): StreamedSplit => ({
      ...streamed(cache, cached(files), image),
      labels: labelsOf(files, classes),
      names: files.map(({ name }) => name),
    });
    return {
      name: datasetName,
      title,
      image,
      classes,
      train: split(half("train")),
      test: split(half("test")),
      ...statistics(cached(half("train")), image),
      synthetic: false,
      source: path,
      checksum: checksumOf(all, [image.channels, height, width, preparation, ...classes]),
      pictures: { path, classes, preparation, testShare: hasGivenHalves ? null : testShare },
      areChannelsChosen: options.channels === undefined,
      [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose](),
    };
  } catch (error) {
    await cache[Symbol.asyncDispose]();
    throw error;
  }
}

/** Whatever ends it, what was decoded is kept for the next time. */
async function decodeInto(
  cache: PictureCache,
  tree: PictureTree,
  files: readonly LabelledFile[],
  options: DecodeOptions,
): Promise<BrokenFile[]> {
  let broken: BrokenFile[];
  try {
    broken = await decodePictures(tree, files, cache, options);
  } catch (error) {
    await cache.commit(files).catch(() => undefined);
    throw error;
  }
  await cache.commit(files);
  return broken;
}

/** What a person is told of, for one picture and for several. */
const problems = {
  unread: ["picture cannot be used and is left out", "pictures cannot be used and are left out"],
  ambiguous: ["picture lies in several classes", "pictures lie in several classes"],
  shared: ["picture is both trained and tested on", "pictures are both trained and tested on"],
} as const;

/** Of one kind in one message. */
const mostProblems = 5;

/** @throws DataError if problems are refused */
function tell(
  { strict = false, onNote }: PictureDatasetOptions,
  path: string,
  [ofOne, ofSeveral]: readonly [string, string],
  cases: readonly string[],
): void {
  const [first] = cases;
  if (first === undefined) return;
  if (strict) {
    const more = cases.length === 1 ? "" : ` This is one of ${grouped(cases.length)} such cases.`;
    throw new DataError(`--strict: ${path}: ${first}${more}`);
  }
  const rest = cases.length - mostProblems;
  onNote?.(
    [
      `${path}: ${grouped(cases.length)} ${cases.length === 1 ? ofOne : ofSeveral}:`,
      ...cases.slice(0, mostProblems),
      ...(rest > 0 ? [`and ${grouped(rest)} more`] : []),
    ].join("\n  "),
  );
}

function brokenText({ name, message }: BrokenFile): string {
  return `${name}: ${message}`;
}

function copiesText(group: readonly PlacedFile[]): string {
  return `${named(group.map(({ name }) => name))} are the same picture.`;
}

/** An order that shows no class before another, and that more pictures do not change. */
function byContent(a: PlacedFile, b: PlacedFile): number {
  const [one, other] = [`${a.sha256} ${a.name}`, `${b.sha256} ${b.name}`];
  return one < other ? -1 : Number(one > other);
}

function labelsOf(files: readonly PlacedFile[], classes: readonly string[]): Uint8Array | Uint16Array {
  const indices = new Map(classes.map((name, index) => [name, index]));
  const labels = files.map(({ className }) => indices.get(className)!);
  return classes.length > 256 ? Uint16Array.from(labels) : Uint8Array.from(labels);
}

/** Images that are read from the cache. */
function streamed(
  cache: PictureCache,
  pictures: readonly CachedPicture[],
  { channels, height, width }: ImageSpec,
): Omit<StreamedSplit, "labels" | "names"> {
  const size = channels * height * width;
  return {
    count: pictures.length,
    channels,
    height,
    width,
    read: (indices) => {
      const pixels = new Uint8Array(indices.length * size);
      indices.forEach((index, to) => {
        cache.read(pictures[index]!, channels, pixels, to * size);
      });
      return pixels;
    },
  };
}

/** Of each channel, in units of 0..1. */
function statistics(
  pictures: readonly CachedPicture[],
  { channels, height, width }: ImageSpec,
): { readonly mean: number[]; readonly std: number[] } {
  const values = Math.max(1, pictures.length * height * width);
  const total = (at: number) => pictures.reduce((sum, { sums }) => sum + sums[at]!, 0) / values;
  const places = channels === 1 ? [3] : [0, 1, 2];
  const mean = places.map((at) => total(at) / 255);
  // A channel that is the same everywhere has no spread to divide by.
  const std = places.map((at, c) => Math.sqrt(Math.max(0, total(4 + at) / 255 ** 2 - mean[c]! ** 2)) || 1);
  return { mean, std };
}

/** Of what each picture holds, its class and its half, and how it is brought to its size. */
function checksumOf(files: readonly PlacedFile[], how: readonly (string | number)[]): string {
  const hash = createHash("sha256").update(JSON.stringify(how));
  for (const { sha256, className, half } of files) hash.update(JSON.stringify([sha256, className, half]));
  return hash.digest("hex");
}

/** Opens the pictures that a call of the command is about. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { cacheFolder, createModel, DataError, modelNamed, type Preprocessing, type Recipe } from "nin-net";
import type { RunFolder } from "../runs/run-folder.ts";
import type { Output } from "../terminal/output.ts";
import { pictureView } from "../terminal/progress/picture-view.ts";
import { openPictures, type PictureDataset, type PictureDatasetOptions } from "./picture-dataset.ts";

export interface PictureRequest
  extends Omit<PictureDatasetOptions, "cacheDir" | "onProgress" | "onNote" | "signal"> {
  /** Absolute. */
  readonly path: string;
  readonly quiet: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Opens pictures and shows how far their reading has come.
 *
 * @throws DataError as `openPictures`; the signal's reason
 */
export async function openRequestedPictures(
  { path, quiet, ...options }: PictureRequest,
  output: Output,
): Promise<PictureDataset> {
  using view = pictureView(output.stderr, { quiet });
  const notes: string[] = [];
  const data = await openPictures(path, {
    ...options,
    cacheDir: cacheFolder(),
    onProgress: view.show,
    onNote: (sentences) => notes.push(sentences),
  });
  view[Symbol.dispose]();
  for (const note of notes) output.warn(note);
  return data;
}

/**
 * The pictures that a run was trained on, brought to what its network takes; undefined if it was trained on others than
 * one's own.
 *
 * @param elsewhere - where they lie now, if not where they lay
 */
export async function openRunPictures(
  { config, image }: RunFolder,
  {
    elsewhere,
    quiet,
    signal,
  }: { elsewhere: string | undefined; quiet: boolean; signal: AbortSignal | undefined },
  output: Output,
): Promise<PictureDataset | undefined> {
  const { pictures } = config;
  if (pictures === undefined) return undefined;
  const { path, preparation, testShare, classes } = pictures;
  if (elsewhere === undefined && !existsSync(path)) {
    throw new DataError(
      `${path}: is not there any more, expected the pictures that the run was trained on. ` +
        "Name where they lie now with --data-dir.",
    );
  }
  const { channels, height, width } = image;
  return openRequestedPictures(
    {
      path: elsewhere === undefined ? path : resolve(elsewhere),
      preparation,
      testShare: testShare ?? undefined,
      classes,
      height,
      width,
      channels: channels === 1 ? 1 : 3,
      quiet,
      signal,
    },
    output,
  );
}

/** What networks that take it are given. */
const usualSize = [64, 64] as const;

/** The height and width that pictures are brought to for a network: its own, or 64, or the least that it takes. */
export function suitableSize({
  net,
  netOptions,
  resize,
}: Pick<Recipe, "net" | "netOptions" | "resize">): NonNullable<Preprocessing["resize"]> {
  if (resize !== null) return typeof resize === "number" ? [resize, resize] : resize;
  try {
    createModel(net, { channels: 3, classes: 2, size: usualSize }, netOptions).outputShape([
      1,
      3,
      ...usualSize,
    ]);
    return usualSize;
  } catch {
    return modelNamed(net).smallestInput;
  }
}

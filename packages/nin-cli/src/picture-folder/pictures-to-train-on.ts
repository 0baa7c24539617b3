import { createModel, DataError, type Recipe } from "nin-net";
import { growths } from "../options/growth.ts";
import { checkInputSize } from "../options/input-size.ts";
import { givenPictureOptions, type PictureDataOptions } from "../options/picture-data-options.ts";
import { picturePath } from "../options/picture-path.ts";
import { type RecipeOptions, recipeOf } from "../options/recipe-options.ts";
import type { InitialWeights } from "../runs/initial-weights.ts";
import type { ResumedRun } from "../runs/resumed-run.ts";
import { UsageError } from "../terminal/exit-status.ts";
import type { Output } from "../terminal/output.ts";
import type { PictureDataset } from "./picture-dataset.ts";
import { pictureLines } from "./picture-table.ts";
import { openRequestedPictures, openRunPictures, suitableSize } from "./requested-pictures.ts";

/** A call of `nin train`, as far as it decides about pictures of one's own. */
export interface TrainCall {
  readonly options: RecipeOptions &
    PictureDataOptions & { readonly dataDir?: string; readonly quiet?: boolean };
  readonly resumed: ResumedRun | undefined;
  readonly from: InitialWeights | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Pictures of one's own, and the recipe with which they are trained on. */
export interface TrainingPictures {
  readonly data: PictureDataset;
  readonly recipe: Recipe;
}

/** The options without a path of pictures in the place of a data set's name. */
export function withoutPath<O extends Pick<RecipeOptions, "dataset">>(options: O): O {
  return picturePathOf(options) === undefined ? options : { ...options, dataset: undefined };
}

/** The path of pictures that the options name, absolute; undefined: they name none. */
export function picturePathOf({ dataset }: Pick<RecipeOptions, "dataset">): string | undefined {
  return dataset === undefined ? undefined : picturePath(dataset);
}

/**
 * Opens the pictures that are to be trained on; undefined where it is a data set of the registry.
 *
 * @throws DataError as `openPictures`, or if a run goes on with other data; UsageError if options do not fit; the
 *   signal's reason
 */
export async function picturesToTrainOn(
  call: TrainCall,
  output: Output,
): Promise<TrainingPictures | undefined> {
  const { options, resumed, from } = call;
  const path = picturePathOf(options);
  const pictures = resumed === undefined ? newPictures(call, path) : resumedPictures(call, resumed, path);
  const found = await pictures(output);
  if (found !== undefined) {
    if (!options.quiet) output.note(pictureLines(found.data).join("\n"));
    return found;
  }
  checkPictureOptions(options, from);
  return undefined;
}

/** @throws UsageError if an option of pictures is given for a data set of the registry */
export function checkPictureOptions(
  options: RecipeOptions & PictureDataOptions,
  from: InitialWeights | undefined,
): void {
  const [given] = givenPictureOptions(options);
  if (given === undefined) return;
  const dataset = options.dataset ?? from?.settings.dataset;
  const basis = options.recipe === undefined ? "preset" : "recipe";
  const what = dataset === undefined ? `the ${basis}'s data set` : `the data set ${dataset}`;
  throw new UsageError(
    `${given.option}: got ${given.text} for ${what}, but only pictures of your own have this option. ` +
      "Name their folder with --dataset, or leave the option out.",
  );
}

type Opening = (output: Output) => Promise<TrainingPictures | undefined>;

function resumedPictures(
  { options, signal }: TrainCall,
  { run, recipe }: ResumedRun,
  path: string | undefined,
): Opening {
  return async (output) => {
    const { quiet = false, dataDir } = options;
    const [given] = givenPictureOptions(options);
    if (given !== undefined) {
      throw new UsageError(
        `${given.option}: got ${given.text} beside --resume, but a run goes on with its own data. Leave it out.`,
      );
    }
    const data = await openRunPictures(run, { elsewhere: path ?? dataDir, quiet, signal }, output);
    if (data !== undefined) return { data, recipe };
    if (path === undefined) return undefined;
    throw new DataError(
      `--dataset: got ${path}, but the run was begun with ${recipe.dataset}. ` +
        "A run goes on as it was begun: leave --dataset out, or train a new run.",
    );
  };
}

function newPictures({ options, from, signal }: TrainCall, given: string | undefined): Opening {
  return async (output) => {
    // What the weights were trained on, where nothing else is named.
    const ofWeights = options.dataset === undefined ? from?.pictures : undefined;
    const path = given ?? (ofWeights && (options.dataDir ?? ofWeights.path));
    if (path === undefined) return undefined;
    const { quiet = false, strict, testShare = ofWeights?.testShare ?? undefined, grow, resize } = options;
    const draft = recipeOf(withoutPath(options), from?.settings, { name: "", mean: null, std: null });
    const asked = options.size ?? (resize == null ? undefined : suitableSize({ ...draft, resize }));
    const { height, width } = ofWeights?.image ?? {};
    const [rows, columns] =
      asked ?? (height === undefined || width === undefined ? suitableSize(draft) : [height, width]);
    checkSize(draft, options, [rows, columns]);
    const channels = options.channels ?? from?.image?.channels;
    const data = await openRequestedPictures(
      {
        path,
        height: rows,
        width: columns,
        preparation: grow === undefined ? (ofWeights?.preparation ?? "photo") : growths[grow],
        channels: channels === undefined ? undefined : Number(channels) === 1 ? 1 : 3,
        testShare,
        strict,
        classes: ofWeights?.classes,
        quiet,
        signal,
      },
      output,
    );
    const { mean, std, resize: seen, ...settings } = from?.settings ?? {};
    const isNormalised = mean?.length === data.image.channels;
    const recipe = recipeOf(withoutPath(options), { ...settings, ...(isNormalised && { mean, std }) }, data);
    return { data, recipe: { ...recipe, resize: resize ?? (ofWeights && seen) ?? null } };
  };
}

/** Before the pictures are read, which may take long. */
function checkSize(
  { net: name, netOptions }: Recipe,
  { resize }: Pick<RecipeOptions, "resize">,
  size: readonly [height: number, width: number],
): void {
  const [height, width] = typeof resize === "number" ? [resize, resize] : (resize ?? size);
  const net = createModel(name, { channels: 3, classes: 2, size: [height, width] }, netOptions);
  checkInputSize({ net, name }, [3, height, width], resize == null ? "--size" : "--resize");
}

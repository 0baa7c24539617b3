/** A sweep's folder: `sweep.json`, which says what each run was begun with, and a folder for each run. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DataError, makeFolders } from "nin-net";
import { optionName } from "../options/values.ts";
import { planAdvice, readPlanOfRuns } from "../runs/plan-of-runs.ts";
import { replaceFile, writing } from "../runs/run-folder-files.ts";
import { lockWhenFree } from "../runs/run-folder-lock.ts";
import { type Configuration, folderNames, type NamedConfiguration, varyingOptions } from "./grid.ts";
import { runOptions } from "./run-option.ts";

/** The options that a run was begun with, by name, as texts. */
type KeptOptions = Readonly<Record<string, string>>;

/** What `sweep.json` holds. */
interface KeptSweep {
  /** By the name of the run's folder. */
  readonly runs: Readonly<Record<string, KeptOptions>>;
}

/** A run and where it lies. */
export type PlacedRun<R extends NamedConfiguration> = R & {
  readonly folder: string;
  /** Of the folder within that of the sweep: as it was called when it was begun. */
  readonly folderName: string;
};

/** The runs of a sweep in its folder. */
export interface PlacedSweep<R extends NamedConfiguration> {
  readonly runs: readonly PlacedRun<R>[];
  /** Runs in the folder that this sweep does not name. */
  readonly others: number;
  /** Whether the folder held runs already. */
  readonly isBegun: boolean;
}

const sweepName = "sweep.json";
const recipesName = "recipes";

/**
 * Finds each run's place in a sweep's folder. New runs are added to those that are there; the same options as before
 * mean the same folder.
 *
 * @throws DataError if the folder holds something else, or runs that were begun with another value of what is the same
 *   for all runs
 */
export async function placedRuns<R extends NamedConfiguration>(
  folder: string,
  runs: readonly R[],
): Promise<PlacedSweep<R>> {
  const kept = await readSweep(folder);
  const known = Object.entries(kept?.runs ?? {});
  const wanted = runs.map(({ values }) => keptOptions(values));
  if (known.length > 0)
    checkUnchanged(
      folder,
      known.map(([, options]) => options),
      wanted,
    );
  const byOptions = new Map(known.map(([name, options]) => [keyOf(options), name]));
  const varying = varyingOptions([...known.map(([, options]) => options), ...wanted]);
  const names = folderNames(
    runs.map(({ values }) => values),
    varying,
  );
  const placed = runs.map((run, i) => {
    const folderName = byOptions.get(keyOf(wanted[i]!)) ?? names[i]!;
    const before = kept?.runs[folderName];
    if (before !== undefined && keyOf(before) !== keyOf(wanted[i]!))
      throw changed(folder, folderName, before, wanted[i]!);
    return { ...run, folderName, folder: join(folder, folderName) };
  });
  const placedNames = new Set(placed.map(({ folderName }) => folderName));
  return {
    runs: placed,
    others: known.filter(([name]) => !placedNames.has(name)).length,
    isBegun: known.length > 0,
  };
}

/**
 * Makes the folder one that knows these runs, and writes the recipes that stood in a list. Several processes may do so
 * at once.
 *
 * @throws DataError as {@link placedRuns}, and if it cannot be written
 */
export async function keepRuns<R extends NamedConfiguration>(
  folder: string,
  runs: readonly R[],
  signal: AbortSignal,
): Promise<PlacedSweep<R>> {
  await readSweep(folder); // before anything is written to what may be no sweep at all
  await writing(folder, () => makeFolders(folder));
  const lock = await lockWhenFree(folder, signal);
  try {
    const placed = await placedRuns(folder, runs);
    const kept = await readSweep(folder);
    const added = placed.runs.map(({ folderName, values }) => [folderName, keptOptions(values)] as const);
    const sweep: KeptSweep = { runs: { ...kept?.runs, ...Object.fromEntries(added) } };
    for (const { values } of placed.runs) await writeRecipe(folder, values);
    await replaceFile(join(folder, sweepName), `${JSON.stringify(sweep, null, 2)}\n`);
    return placed;
  } finally {
    lock[Symbol.dispose]();
  }
}

/** The words after `nin train` that begin a run of the sweep in this folder. */
export function settingWords(folder: string, values: Configuration): string[] {
  return values.flatMap(({ option, text, parsed }) =>
    option.wordsOf(isInline(parsed) ? recipeFile(folder, text) : text),
  );
}

function recipeFile(folder: string, digest: string): string {
  return join(folder, recipesName, `${digest}.json`);
}

async function writeRecipe(folder: string, values: Configuration): Promise<void> {
  for (const { text, parsed } of values) {
    if (!isInline(parsed)) continue;
    const file = recipeFile(folder, text);
    if (existsSync(file)) continue;
    await writing(file, () => makeFolders(join(folder, recipesName)));
    await replaceFile(file, `${JSON.stringify(parsed.value, null, 2)}\n`);
  }
}

/** Whether it is a recipe that stood in a list. */
function isInline(parsed: unknown): parsed is { readonly value: unknown } {
  return typeof parsed === "object" && parsed !== null && "origin" in parsed;
}

/** @returns null if the folder is new or empty */
async function readSweep(folder: string): Promise<KeptSweep | null> {
  const read = await readPlanOfRuns(folder, sweepName, "a sweep");
  if (read === null) return null;
  const { file } = read;
  const sweep = read.plan as Partial<KeptSweep> | null;
  if (!isKeptSweep(sweep)) {
    throw new DataError(
      `${file}: got no runs with their options, expected what nin sweep writes. ${planAdvice}`,
    );
  }
  return sweep;
}

function isKeptSweep(value: Partial<KeptSweep> | null): value is KeptSweep {
  const isRecord = (each: unknown) => typeof each === "object" && each !== null && !Array.isArray(each);
  if (!isRecord(value) || !isRecord(value?.runs)) return false;
  return Object.values(value!.runs!).every(
    (options) => isRecord(options) && Object.values(options).every((text) => typeof text === "string"),
  );
}

function keptOptions(values: Configuration): KeptOptions {
  return Object.fromEntries(
    values.map(({ option, text, parsed }) => [
      option.name,
      option.name === "recipe" && !isInline(parsed) ? `${text} of SHA-256 ${fileDigest(text)}` : text,
    ]),
  );
}

function fileDigest(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 12);
}

/** Tells the options of runs apart, in whatever order they are. */
function keyOf(options: KeptOptions): string {
  return JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @throws DataError if what all runs of before have alike is not what all that are wanted have alike */
function checkUnchanged(
  folder: string,
  before: readonly KeptOptions[],
  wanted: readonly KeptOptions[],
): void {
  for (const { name } of runOptions) {
    const [begun, given] = [before, wanted].map((runs) => new Set(runs.map((options) => options[name])));
    if (begun!.size > 1 || given!.size > 1) continue;
    const [[from], [to]] = [[...begun!], [...given!]];
    if (from !== to) throw changedOption(folder, name, from, to);
  }
}

function changed(folder: string, name: string, before: KeptOptions, wanted: KeptOptions): DataError {
  const option = runOptions.find((each) => before[each.name] !== wanted[each.name])!;
  return changedOption(join(folder, name), option.name, before[option.name], wanted[option.name]);
}

function changedOption(
  folder: string,
  name: string,
  before: string | undefined,
  now: string | undefined,
): DataError {
  const option = optionName(name);
  const [got, begun] = [now ?? "none", before === undefined ? "without it" : `with ${before}`];
  return new DataError(
    `${option}: got ${got}, but ${folder} was begun ${begun}. Choose a new --out for another sweep, or leave ${option} as it was; ` +
      "more values of what varies are added.",
  );
}

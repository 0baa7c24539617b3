/** Which pictures belong to which class, by the folders that they lie in. */
import { DataError } from "nin-net";
import { lastPart, type TreeContents, type TreeFile } from "./picture-tree.ts";

/** One half of a data set. */
export type Half = "train" | "test";

/** A picture whose class is known. */
export interface LabelledFile extends TreeFile {
  readonly className: string;
  /** Undefined: its content decides. */
  readonly half: Half | undefined;
}

/** What folders or a table say of pictures. */
export interface Layout {
  /** Sorted by code point; those without a picture too. */
  readonly classes: readonly string[];
  readonly files: readonly LabelledFile[];
  /** What was not looked at, in sentences. */
  readonly notes: readonly string[];
}

/** Names of folders that hold the pictures to train on and to test on, in small letters; the first that is there counts. */
export const trainNames: readonly string[] = ["train", "training"];
export const testNames: readonly string[] = ["test", "testing", "val", "valid", "validation"];

/** One name for all ways in which systems write its accents. */
export function className(name: string): string {
  return name.normalize("NFC");
}

/** By code point: the same order in every language and on every system. */
export function byCodePoint(one: string, other: string): number {
  const [a, b] = [Array.from(one), Array.from(other)];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = a[i]!.codePointAt(0)! - b[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/**
 * One folder a class, or `train/` and `test/` with one folder a class in each; a single folder around either counts as
 * the root. Folders within that of a class belong to the class.
 *
 * @param path - of the tree, for messages
 * @throws DataError if there is no folder of a class
 */
export function layoutOf(path: string, contents: TreeContents): Layout {
  const { root, notes } = rootOf(path, contents);
  const folders = foldersIn(root, contents);
  if (folders.length === 0) throw noFolders(at(path, root), contents);
  const halves = halvesOf(folders);
  const parts =
    halves === undefined
      ? [{ within: root, half: undefined }]
      : [
          { within: halves.train, half: "train" as const },
          { within: halves.test, half: "test" as const },
        ];
  const classes = new Set<string>();
  const files: LabelledFile[] = [];
  const taken = new Set<string>();
  for (const { within, half } of parts) {
    for (const folder of foldersIn(within, contents)) {
      const name = className(lastPart(folder));
      classes.add(name);
      for (const file of filesUnder(folder, contents)) {
        files.push({ ...file, className: name, half });
        taken.add(file.name);
      }
    }
  }
  const outside = contents.files.filter(({ name }) => !taken.has(name));
  if (outside.length > 0) {
    const name = outside[0]!.name;
    notes.push(
      outside.length === 1
        ? `${path}: 1 file lies outside the folders of the classes and is left out: ${name}.`
        : `${path}: ${outside.length} files lie outside the folders of the classes and are left out, as ${name}.`,
    );
  }
  return { classes: [...classes].sort(byCodePoint), files, notes };
}

/** Down through a folder that is the only one and holds folders alone, as archives often have one. */
function rootOf(path: string, contents: TreeContents): { readonly root: string; readonly notes: string[] } {
  const [only, ...others] = foldersIn("", contents);
  if (only === undefined || others.length > 0) return { root: "", notes: [] };
  if (foldersIn(only, contents).length < 2 || filesIn(only, contents).length > 0)
    return { root: "", notes: [] };
  const note = trainNames.includes(lastPart(only).toLowerCase())
    ? `${at(path, only)} has no folder to test on beside it: a part of its pictures is kept for that.`
    : `${at(path, only)} holds the folders of the classes.`;
  return { root: only, notes: [note] };
}

/** The folders of both halves, where there are both. */
function halvesOf(folders: readonly string[]): { readonly train: string; readonly test: string } | undefined {
  const find = (names: readonly string[]) =>
    names.flatMap((name) => folders.filter((folder) => lastPart(folder).toLowerCase() === name))[0];
  const [train, test] = [find(trainNames), find(testNames)];
  return train === undefined || test === undefined ? undefined : { train, test };
}

function noFolders(where: string, { files }: TreeContents): DataError {
  const got = files.length === 0 ? "is empty" : `has no folders, only files such as ${files[0]!.name}`;
  return new DataError(
    `${where}: ${got}, expected a folder for each class with its pictures in it. ` +
      "Put them there, or name a CSV file that tells the class of each picture.",
  );
}

function at(path: string, within: string): string {
  return within === "" ? path : `${path}/${within}`;
}

/** Directly in a folder; "" is the root. */
function isDirectlyIn(within: string, name: string): boolean {
  const start = within === "" ? 0 : within.length + 1;
  return (within === "" || name.startsWith(`${within}/`)) && !name.slice(start).includes("/");
}

function foldersIn(within: string, { folders }: TreeContents): string[] {
  return folders.filter((name) => isDirectlyIn(within, name));
}

function filesIn(within: string, { files }: TreeContents): TreeFile[] {
  return files.filter(({ name }) => isDirectlyIn(within, name));
}

function filesUnder(folder: string, { files }: TreeContents): TreeFile[] {
  return files.filter(({ name }) => name.startsWith(`${folder}/`));
}

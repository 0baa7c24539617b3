import { DataError } from "nin-net";
import { grouped } from "../terminal/format.ts";
import { className, type LabelledFile, type Layout } from "./layout.ts";
import type { PictureTree } from "./picture-tree.ts";

const mostClasses = 1000;
/** Names in one message. */
const mostNamed = 5;

/**
 * @param files - those that can be used
 * @throws DataError unless there are 2 to 1,000 classes of at least two pictures, one of them to train on
 */
export function checkClasses(path: string, { classes }: Layout, files: readonly LabelledFile[]): void {
  if (classes.length < 2) {
    const got = classes.length === 0 ? "no class" : `one class alone, ${JSON.stringify(classes[0])}`;
    throw new DataError(
      `${path}: holds ${got}, expected at least 2 to tell apart. Add a folder with pictures of another one.`,
    );
  }
  if (classes.length > mostClasses) {
    throw new DataError(
      `${path}: holds ${grouped(classes.length)} classes, expected at most ${grouped(mostClasses)}. ` +
        "Name the folder whose folders are the classes.",
    );
  }
  const total = new Map(classes.map((name) => [name, 0]));
  const trained = new Map(total);
  for (const { className: name, half } of files) {
    total.set(name, total.get(name)! + 1);
    if (half !== "test") trained.set(name, trained.get(name)! + 1);
  }
  const small = classes.filter((name) => total.get(name)! < 2);
  if (small.length > 0) {
    const each = small.map((name) => `${name} has ${total.get(name) === 1 ? "1" : "none"}`);
    throw new DataError(
      `${path}: too few pictures that can be used: ${named(each)}; expected at least 2 of each class, to train and ` +
        "to test on. Add some, or take the class away.",
    );
  }
  const untrained = classes.filter((name) => trained.get(name) === 0);
  if (untrained.length === 0) return;
  throw new DataError(
    `${path}: has pictures to test on of ${named(untrained)}, but none to train on, expected some of each class. ` +
      "Add some, or name both folders alike.",
  );
}

/** @throws DataError if pictures to be tested on are of a class that the run does not know, or there are none */
export function checkKnownClasses(path: string, found: readonly string[], known: readonly string[]): void {
  const unknown = found.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new DataError(
    `${path}: has the class ${named(unknown)}, expected those that the run was trained on: ${named(known)}. ` +
      "Name the folder of its pictures, or take the others away.",
  );
}

/**
 * Names in `train/` and `test/` may differ only in case; in one folder no such file system has both.
 *
 * @throws DataError if folders of two classes are one to the file system: in another place they would be two classes
 */
export async function checkCase(path: string, { files }: Layout, tree: PictureTree): Promise<void> {
  const seen = new Map<string, ClassFolder>();
  for (const file of files) {
    const one = folderOf(file);
    if (one === undefined) continue;
    const key = one.className.toLowerCase();
    const other = seen.get(key) ?? one;
    seen.set(key, other);
    if (other.className === one.className) continue;
    if (!(await tree.isSameFolder(other.above + other.folder, other.above + one.folder))) continue;
    throw new DataError(
      `${path}: the names of the classes ${JSON.stringify(other.className)} and ${JSON.stringify(one.className)} ` +
        "differ only in large and small letters, which its file system does not tell apart. Write them alike.",
    );
  }
}

interface ClassFolder {
  readonly className: string;
  /** With a slash behind, or empty. */
  readonly above: string;
  readonly folder: string;
}

/** The folder that a picture's class is named after; undefined: it is not named after one. */
function folderOf({ name, className: wanted }: LabelledFile): ClassFolder | undefined {
  const parts = name.split("/").slice(0, -1);
  const at = parts.findIndex((part) => className(part) === wanted);
  if (at < 0) return undefined;
  return {
    className: wanted,
    above: parts
      .slice(0, at)
      .map((part) => `${part}/`)
      .join(""),
    folder: parts[at]!,
  };
}

/** `a, b, c and 2 more`. */
export function named(names: readonly string[], most = mostNamed): string {
  if (names.length <= most) return conjunction.format(names);
  return `${names.slice(0, most).join(", ")} and ${grouped(names.length - most)} more`;
}

// British English: no comma before the last.
const conjunction = new Intl.ListFormat("en-GB", { type: "conjunction" });

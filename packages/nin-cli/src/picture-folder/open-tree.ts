import { stat } from "node:fs/promises";
import { DataError } from "nin-net";
import { FolderTree } from "./folder-tree.ts";
import { type Layout, layoutOf } from "./layout.ts";
import type { BrokenFile, PictureTree } from "./picture-tree.ts";

/** Pictures whose classes are known, before they are read. */
export interface OpenTree {
  readonly tree: PictureTree;
  readonly layout: Layout;
  /** What could not even be listed. */
  readonly broken: readonly BrokenFile[];
  /** How recipes name it: a folder with a slash behind, so that it is no data set of the registry. */
  readonly datasetName: string;
}

/**
 * Opens what holds pictures.
 *
 * @param path - absolute
 * @param title - the last part of the path
 * @throws DataError if there is nothing, or nothing of the kind
 */
export async function openTree(path: string, title: string): Promise<OpenTree> {
  await checkFolder(path);
  const tree = new FolderTree(path);
  const contents = await tree.list();
  return { tree, layout: layoutOf(path, contents), broken: contents.broken, datasetName: `${title}/` };
}

async function checkFolder(path: string): Promise<void> {
  const expected = "expected a folder with a folder of pictures for each class";
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const got = code === "ENOENT" || code === "ENOTDIR" ? "no such folder" : `cannot be read (${code})`;
    throw new DataError(`${path}: ${got}, ${expected}. Check the path.`, { cause });
  }
  if (!isFolder) throw new DataError(`${path}: is a file, ${expected}. Check the path.`);
}

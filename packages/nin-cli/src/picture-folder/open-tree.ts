import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { DataError, systemReason } from "nin-net";
import { FolderTree } from "./folder-tree.ts";
import { type Layout, layoutOf } from "./layout.ts";
import type { BrokenFile, PictureTree } from "./picture-tree.ts";
import { layoutOfTable, tableIn } from "./table.ts";
import { ZipTree } from "./zip-tree.ts";

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
 * Opens what holds pictures: a folder, a zip of one, or a table of files and labels.
 *
 * @param path - absolute
 * @param title - the last part of the path
 * @throws DataError if there is nothing, or nothing of the kind
 */
export async function openTree(path: string, title: string): Promise<OpenTree> {
  const isFolder = await isFolderAt(path);
  if (!isFolder && /\.(?:csv|tsv)$/i.test(path)) {
    const tree = new FolderTree(dirname(path));
    const text = await tree.text(basename(path));
    const layout = await layoutOfTable(tree, text, { within: "", where: path });
    return { tree, layout, broken: [], datasetName: title };
  }
  const tree = isFolder ? new FolderTree(path) : await ZipTree.open(path);
  try {
    const contents = await tree.list();
    const table = tableIn(contents.files, contents.folders);
    const datasetName = isFolder ? `${title}/` : title;
    if (table === undefined) {
      return { tree, layout: layoutOf(path, contents), broken: contents.broken, datasetName };
    }
    const { name, within } = table;
    const layout = await layoutOfTable(tree, await tree.text(name), { within, where: `${path}/${name}` });
    return { tree, layout, broken: [], datasetName };
  } catch (error) {
    await tree[Symbol.asyncDispose]();
    throw error;
  }
}

/** @throws DataError if there is neither a folder nor a file that may be read */
async function isFolderAt(path: string): Promise<boolean> {
  const expected = "expected a folder with a folder of pictures for each class, a zip of one, or a CSV file";
  try {
    const stats = await stat(path);
    if (stats.isDirectory() || (stats.isFile() && /\.(?:zip|csv|tsv)$/i.test(path)))
      return stats.isDirectory();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const got =
      code === "ENOENT" || code === "ENOTDIR"
        ? "no such file or folder"
        : `cannot be read (${systemReason(cause)})`;
    throw new DataError(`${path}: ${got}, ${expected}. Check the path.`, { cause });
  }
  throw new DataError(`${path}: is a file of another kind, ${expected}. Check the path.`);
}

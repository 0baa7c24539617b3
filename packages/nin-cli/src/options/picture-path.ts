import { statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { datasetNamed, datasetNames } from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";
import { datasetName, filePath, noneOf, type ValueParser } from "./values.ts";

/**
 * The path of pictures that the value of an option means, absolute; undefined: it is the name of a data set.
 *
 * It is a path if it has a separator, begins with a dot or a tilde, ends as an archive or a table does, or is a folder
 * and no data set's name.
 */
export function picturePath(text: string): string | undefined {
  const isPath = /[/\\]|^[.~]|\.(?:zip|csv|tsv)$/i.test(text) || (!isDatasetName(text) && isFolder(text));
  if (!isPath) return undefined;
  // A shell leaves a tilde in quotes alone.
  return resolve(text.replace(/^~(?=$|[/\\])/, () => join(homedir(), "")));
}

/** @throws UsageError by the parser, unless the text is a data set's name or alias, or the path of pictures */
export function datasetOrPictures(option: string): ValueParser<string> {
  const byName = datasetName(option);
  const byPath = filePath(option);
  return (text) => {
    byPath(text);
    if (picturePath(text) !== undefined) return text;
    try {
      return byName(text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw noneOf(option, text, datasetNames, `, or the path of a folder with pictures, such as ./${text}`);
    }
  };
}

function isDatasetName(text: string): boolean {
  try {
    datasetNamed(text);
    return true;
  } catch {
    return false;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** What errors say of data that are not where they were looked for. */
import { DataError } from "../core/errors.ts";
import {
  type DataLocation,
  holdsAny,
  isFolder,
  type LocatedFiles,
  type OtherContent,
} from "./data-locations.ts";
import { DatasetUnavailableError } from "./dataset-unavailable-error.ts";
import { type FileDataset, filesOf } from "./definition.ts";

/** That a data set is not, or not whole, in a folder that was named. */
export async function notThere(
  definition: FileDataset,
  { origin, root }: DataLocation,
  located: LocatedFiles,
): Promise<DataError> {
  const { title } = definition;
  const { folder, missing, otherContent, otherForm } = located;
  const option = origin === "dataDir" ? "--data-dir" : "NIN_DATA_DIR";
  if (!(await isFolder(root))) {
    return new DatasetUnavailableError(
      `${root}: no such folder, expected the data folder that ${option} names. Check the path, or leave it out to ` +
        `have ${title} downloaded.`,
    );
  }
  if (otherContent !== null) return wrongContent(definition, otherContent);
  const names = missing.map(({ name, packedBytes }) => (packedBytes === undefined ? name : `${name}.gz`));
  const found = otherForm ?? `${folder}: ${names.join(", ")} ${names.length === 1 ? "is" : "are"} missing`;
  const place = otherForm === null ? "there" : `into ${folder}`;
  const [needed, pronoun] = definition.archive === undefined ? ["them", "them"] : ["either", "it"];
  const message =
    `${found}, expected ${wholeOf(definition)}. Put ${needed} ${place}, or leave ${option} out to have ${pronoun} ` +
    "downloaded.";
  // Data that are there in part are not to be replaced by others.
  return holdsAny(located) ? new DataError(message) : new DatasetUnavailableError(message);
}

/** What to put into a folder: the names of the files, or of the archive that holds them. */
export function neededFiles(definition: FileDataset): string {
  const { archive } = definition;
  if (archive !== undefined) return archive.name;
  const names = filesOf(definition).map(({ name }) => `${name}.gz`);
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** `all four files of MNIST, each as .gz or plain`; of one in an archive that too, with its address. */
function wholeOf(definition: FileDataset): string {
  const { title, archive, mirrors } = definition;
  const files = filesOf(definition);
  const all = `${files.length === 2 ? "both" : `all ${countWord(files.length)}`} files of ${title}`;
  if (archive === undefined) return `${all}, each as .gz or plain`;
  const address = mirrors[0] === undefined ? "" : ` (${mirrors[0]}${archive.name})`;
  return `${archive.name}${address} or ${all} in it`;
}

const countWords = "no one two three four five six seven eight nine ten".split(" ");

/** In words up to ten. */
function countWord(count: number): string {
  return countWords[count] ?? String(count);
}

/** That files named as a data set's are not known to be its own. */
export function wrongContent(
  definition: FileDataset,
  { folder, owner, isPossible }: OtherContent,
): DataError {
  const { title, name } = definition;
  if (owner !== null) {
    return new DataError(
      `${folder}: holds ${owner.title}, expected ${title}. Name another folder, or ask for --dataset ${owner.name}.`,
    );
  }
  const files = `${folder}: holds ${countWord(filesOf(definition).length)} files that are named as those of ${title}`;
  if (isPossible) {
    return new DataError(
      `${files} and of other data sets, and no checksum of unpacked ones is published to tell which they are. If they ` +
        `are its own, put them into a folder ${definition.folder ?? name}.`,
    );
  }
  return new DataError(
    `${files}, but their contents are not the official ones. Copy or download them again; if they are data of your ` +
      "own, switch this check off with --no-verify (in code: verify: false).",
  );
}

/** Which pictures belong to which class, by a table with a line for each. */
import { CsvError, parse } from "csv-parse/sync";
import { DataError } from "nin-net";
import {
  byCodePoint,
  className,
  type Half,
  type LabelledFile,
  type Layout,
  testNames,
  trainNames,
} from "./layout.ts";
import type { PictureTree, TreeFile } from "./picture-tree.ts";

/** Names of columns, in small letters. */
const columnNames = {
  file: ["file", "filename", "file_name", "filepath", "file_path", "path", "image", "picture"],
  label: ["label", "class", "class_name", "category", "target"],
  half: ["split", "set", "subset"],
} as const;

type Column = keyof typeof columnNames;

/** Lookups of files that are under way at the same time. */
const atOnce = 64;

interface Line {
  readonly number: number;
  readonly cells: readonly string[];
}

/**
 * A CSV file with a line for each picture: its file, from the table's own folder, and its label; and, if there is a
 * header that says so, whether it is trained or tested on. Commas, semicolons or tabs; quotes as in RFC 4180.
 *
 * @param within - the folder of the table in the tree, with a slash behind; "" for the root
 * @param where - names the table in errors
 * @throws DataError that names the line if it is none, a file is missing, or a label is
 */
export async function layoutOfTable(
  tree: PictureTree,
  text: string,
  { within, where }: { readonly within: string; readonly where: string },
): Promise<Layout> {
  const [first, ...rest] = linesOf(text, where);
  if (first === undefined) {
    throw new DataError(
      `${where}: is empty, expected a line for each picture: its file and its label. Fill it in.`,
    );
  }
  const header = headerOf(first);
  const columns = header ?? { file: 0, label: 1, half: undefined };
  const lines = header === undefined ? [first, ...rest] : rest;
  const missing: string[] = [];
  const files = new Map<string, LabelledFile & { readonly line: number }>();
  const notes: string[] = [];
  const isTestGiven = lines.some((line) => cellOf(line, columns.half)?.toLowerCase() === testNames[0]);
  let unused = 0;
  for (let start = 0; start < lines.length; start += atOnce) {
    const some = lines.slice(start, start + atOnce);
    const found = await Promise.all(
      some.map((line) => tree.find(within + requiredCell(line, columns.file, "file", where))),
    );
    for (const [i, line] of some.entries()) {
      const name = cellOf(line, columns.file)!;
      const label = className(requiredCell(line, columns.label, "label", where));
      const half = halfOf(line, columns.half, where);
      const file = found[i];
      if (file === undefined) missing.push(`${where}, line ${line.number}: there is no file ${name}`);
      else if (half !== undefined && isTestGiven && isOtherTest(line, columns.half)) unused++;
      else addFile(files, { ...file, className: label, half, line: line.number }, where);
    }
  }
  if (missing.length > 0) throw filesMissing(missing, header === undefined && isHeaderLike(missing, where));
  if (unused > 0)
    notes.push(`${where}: ${unused} pictures to validate on are left out, as others are to test on.`);
  const all = [...files.values()];
  const classes = new Set(all.map((file) => file.className));
  return { classes: [...classes].sort(byCodePoint), files: all, notes };
}

function addFile(
  files: Map<string, LabelledFile & { readonly line: number }>,
  file: LabelledFile & { readonly line: number },
  where: string,
): void {
  const before = files.get(file.name);
  if (before === undefined) {
    files.set(file.name, file);
    return;
  }
  const told = { label: "className", split: "half" } as const;
  for (const [what, key] of Object.entries(told)) {
    if (file[key] === before[key]) continue;
    const [now, then] = [file[key], before[key]].map((value) => JSON.stringify(value) ?? "none");
    throw new DataError(
      `${where}, line ${file.line}: gives ${file.name} the ${what} ${now}, but line ${before.line} gives it ` +
        `${then}. Take one of them away.`,
    );
  }
}

function filesMissing([first, ...others]: readonly string[], isPerhapsHeader: boolean): DataError {
  const more = others.length === 0 ? "" : ` This is one of ${others.length + 1} such lines.`;
  const fix = isPerhapsHeader
    ? "If that line is a header, name its columns file and label."
    : "Correct the name, or take the line away.";
  return new DataError(`${first}, expected the path of a picture from the table's own folder. ${fix}${more}`);
}

function isHeaderLike([first]: readonly string[], where: string): boolean {
  return first?.startsWith(`${where}, line 1:`) === true;
}

function linesOf(text: string, where: string): Line[] {
  const [head = ""] = text.split(/\r?\n|\r/, 1);
  const delimiter = [",", ";", "\t"].reduce((best, each) =>
    head.split(each).length > head.split(best).length ? each : best,
  );
  try {
    // The type of `parse` does not know what `info` adds.
    const records = parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as readonly { readonly record: string[]; readonly info: { readonly lines: number } }[];
    return records.map(({ record, info }) => ({ number: info.lines, cells: record }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new DataError(
      `${where}: cannot be read as CSV (${cause.code}, line ${String(cause.lines)}). ` +
        'Write quotes around a whole cell, and a quote in it as "".',
      { cause },
    );
  }
}

type Columns = { readonly file: number; readonly label: number; readonly half: number | undefined };

/** Undefined if the line is one of a picture. */
function headerOf({ cells }: Line): Columns | undefined {
  const find = (column: Column): number | undefined => {
    const at = cells.findIndex((cell) =>
      (columnNames[column] as readonly string[]).includes(cell.toLowerCase()),
    );
    return at < 0 ? undefined : at;
  };
  const [file, label] = [find("file"), find("label")];
  return file === undefined || label === undefined ? undefined : { file, label, half: find("half") };
}

function cellOf({ cells }: Line, column: number | undefined): string | undefined {
  return column === undefined ? undefined : cells[column];
}

function requiredCell(line: Line, column: number, what: string, where: string): string {
  const cell = cellOf(line, column);
  if (cell !== undefined && cell !== "") return cell;
  throw new DataError(
    `${where}, line ${line.number}: has no ${what}, expected the file of a picture and its label. Fill it in, or take the line away.`,
  );
}

function halfOf(line: Line, column: number | undefined, where: string): Half | undefined {
  const cell = cellOf(line, column)?.toLowerCase();
  if (cell === undefined) return undefined;
  if (trainNames.includes(cell)) return "train";
  if (testNames.includes(cell)) return "test";
  throw new DataError(
    `${where}, line ${line.number}: got ${JSON.stringify(cell)}, expected train or test. Correct it, or take the column away.`,
  );
}

/** Whether a picture is to validate on, where others are to test on. */
function isOtherTest(line: Line, column: number | undefined): boolean {
  return !["train", "training", "test", "testing"].includes(cellOf(line, column)?.toLowerCase() ?? "");
}

/** The table of a tree that has no folders of classes: the only one in its root, or in the only folder there. */
export function tableIn(
  files: readonly TreeFile[],
  folders: readonly string[],
): { readonly name: string; readonly within: string } | undefined {
  const level = (within: string) => {
    const isHere = (name: string) => name.startsWith(within) && !name.slice(within.length).includes("/");
    const tables = files.filter(({ name }) => isHere(name) && /\.(?:csv|tsv)$/i.test(name));
    return { tables, inner: folders.filter(isHere), others: files.filter(({ name }) => isHere(name)) };
  };
  const root = level("");
  const [only] = root.inner;
  const isWrapped = root.inner.length === 1 && root.others.length === 0;
  const within = isWrapped ? `${only}/` : "";
  const { tables, inner } = isWrapped ? level(within) : root;
  const [table] = tables;
  return tables.length === 1 && inner.length < 2 ? { name: table!.name, within } : undefined;
}

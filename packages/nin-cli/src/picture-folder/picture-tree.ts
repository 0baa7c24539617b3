/** Where pictures of one's own lie: a folder or an archive, looked at as a list of files. */

/** A file, before it is read. */
export interface TreeFile {
  /** From the root of the tree, with slashes. */
  readonly name: string;
  readonly bytes: number;
  /** Another one where the content is another: the time of the last change, or a checksum. */
  readonly stamp: number;
}

/** A file that cannot be used, and why: the rest of a sentence that begins with its name. */
export interface BrokenFile {
  readonly name: string;
  readonly message: string;
}

/** Everything in a tree but what {@link isIgnored} leaves out. */
export interface TreeContents {
  readonly files: readonly TreeFile[];
  /** From the root, with slashes; empty ones too. */
  readonly folders: readonly string[];
  readonly broken: readonly BrokenFile[];
}

/** A file, and what it holds or where to read that. */
export interface TreeContent {
  readonly file: TreeFile;
  readonly content: Uint8Array | { readonly path: string };
}

/** A folder or an archive. */
export interface PictureTree extends AsyncDisposable {
  /** As a person knows it. */
  readonly path: string;

  /** @throws DataError if it cannot be read */
  list(): Promise<TreeContents>;

  /** One file by its name; undefined: there is none. */
  find(name: string): Promise<TreeFile | undefined>;

  /** @throws DataError if it cannot be read */
  text(name: string): Promise<string>;

  /** The contents of files, in any order; one that cannot be read comes as a broken file. */
  contents(files: readonly TreeFile[]): AsyncIterable<TreeContent | BrokenFile>;

  /** Whether two names mean the same folder, as on a file system that does not tell large from small letters. */
  isSameFolder(one: string, other: string): Promise<boolean>;
}

const ignored = new Set(["thumbs.db", "desktop.ini", "__macosx"]);

/** Whether a file or folder is one that systems leave behind, or hidden. */
export function isIgnored(baseName: string): boolean {
  return baseName.startsWith(".") || ignored.has(baseName.toLowerCase());
}

/** The last part of a name. */
export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

import type { Stats } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { DataError, systemReason } from "nin-net";
import { reasonOf } from "../pictures/reason.ts";
import {
  type BrokenFile,
  isIgnored,
  type PictureTree,
  type TreeContent,
  type TreeContents,
  type TreeFile,
} from "./picture-tree.ts";

/** A folder on the disk; links are followed. */
export class FolderTree implements PictureTree {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async list(): Promise<TreeContents> {
    const found = { files: [] as TreeFile[], folders: [] as string[], broken: [] as BrokenFile[] };
    await this.#visit("", [await this.#realPath("")], found);
    return found;
  }

  /** @param above - where the folders on the way down really lie */
  async #visit(
    within: string,
    above: readonly string[],
    found: { readonly files: TreeFile[]; readonly folders: string[]; readonly broken: BrokenFile[] },
  ): Promise<void> {
    const baseNames = (await this.#reading(within, (path) => readdir(path))).filter(
      (name) => !isIgnored(name),
    );
    const names = baseNames.map((name) => (within === "" ? name : `${within}/${name}`));
    const seen = await Promise.all(names.map((name) => this.#look(name)));
    for (const [i, stats] of seen.entries()) {
      const name = names[i]!;
      if (typeof stats === "string") found.broken.push({ name, message: stats });
      else if (stats.isFile()) found.files.push({ name, bytes: stats.size, stamp: stats.mtimeMs });
      else if (!stats.isDirectory()) {
        found.broken.push({ name, message: "is a pipe, a socket or a device, expected an image." });
      } else {
        const place = await this.#realPath(name);
        if (above.includes(place)) {
          found.broken.push({ name, message: "is a link to a folder above it, expected an image." });
          continue;
        }
        found.folders.push(name);
        await this.#visit(name, [...above, place], found);
      }
    }
  }

  async find(name: string): Promise<TreeFile | undefined> {
    // Some systems write accents as letters of their own, and one separates folders by backslashes.
    const slashed = name.replaceAll("\\", "/");
    for (const form of new Set([name, slashed, slashed.normalize("NFC"), slashed.normalize("NFD")])) {
      const stats = await this.#look(form);
      if (typeof stats !== "string" && stats.isFile()) {
        return { name: form, bytes: stats.size, stamp: stats.mtimeMs };
      }
    }
    return undefined;
  }

  text(name: string): Promise<string> {
    return this.#reading(name, (path) => readFile(path, "utf8"));
  }

  async *contents(files: readonly TreeFile[]): AsyncGenerator<TreeContent> {
    for (const file of files) yield { file, content: { path: resolve(this.path, file.name) } };
  }

  async isSameFolder(one: string, other: string): Promise<boolean> {
    const [a, b] = await Promise.all([this.#look(one), this.#look(other)]);
    return typeof a !== "string" && typeof b !== "string" && a.ino === b.ino && a.dev === b.dev;
  }

  #realPath(name: string): Promise<string> {
    return this.#reading(name, (path) => realpath(path));
  }

  /** What is there, or why it cannot be looked at. */
  async #look(name: string): Promise<Stats | string> {
    try {
      return await stat(resolve(this.path, name));
    } catch (error) {
      return reasonOf(error);
    }
  }

  async #reading<T>(name: string, read: (path: string) => Promise<T>): Promise<T> {
    const path = resolve(this.path, name);
    try {
      return await read(path);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === "ENOENT") throw changed(path, { cause });
      const reason = systemReason(cause);
      throw new DataError(`${path}: cannot be read: ${reason}. Change its permissions, or leave it out.`, {
        cause,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** What is said of a file or folder that is another one than a moment ago. */
export function changed(path: string, options?: ErrorOptions): DataError {
  return new DataError(
    `${path}: was changed or removed while the pictures were read. Start again once nothing writes there any more.`,
    options,
  );
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "nin-net";
import { writing } from "./run-folder-files.ts";

/** A folder for the files of one call, made when the first comes; none is written twice under one name. */
export class OutputFolder {
  readonly #path: string;
  readonly #used = new Set<string>();

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Writes a file; where its name is taken by another of this call, as `boot-2.input.png`.
   *
   * @returns where it is
   * @throws DataError if it cannot be written
   */
  async write(name: string, content: Uint8Array): Promise<string> {
    const dot = name.lastIndexOf(".", name.lastIndexOf(".") - 1);
    const at = dot > 0 ? dot : name.length;
    let unique = name;
    // Some disks do not tell large from small letters.
    for (let n = 2; this.#used.has(unique.toLowerCase()); n++) {
      unique = `${name.slice(0, at)}-${n}${name.slice(at)}`;
    }
    this.#used.add(unique.toLowerCase());
    await writing(this.#path, () => makeFolders(this.#path));
    const file = join(this.#path, unique);
    await writing(file, () => writeFile(file, content));
    return file;
  }
}

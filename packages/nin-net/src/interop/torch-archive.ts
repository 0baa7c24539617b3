import { unzipSync } from "fflate";
import { DataError } from "../core/errors.ts";

/** The files inside of what `torch.save` wrote: a zip archive with everything under one folder's name. */
export class TorchArchive {
  readonly #bytes: Uint8Array;
  readonly #folder: string;
  /** The object that was saved; its numbers are in files of their own. */
  readonly pickle: Uint8Array;
  /** Whether the machine that saved it puts a number's lowest byte first. */
  readonly isLittleEndian: boolean;

  /** @throws DataError if it is something else or damaged */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const names: string[] = [];
    unzip(bytes, (name) => {
      names.push(name);
      return false;
    });
    const object = names.find((name) => /^[^/]+\/data\.pkl$/.test(name));
    if (object === undefined) {
      throw new DataError(
        `torch.save file: got a zip archive with ${names.slice(0, 3).join(", ") || "nothing"}, expected data.pkl in it. ` +
          "Save the weights by torch.save(net.state_dict(), file).",
      );
    }
    if (names.some((name) => /^[^/]+\/(?:code\/|constants\.pkl$)/.test(name))) {
      throw new DataError(
        "torch.save file: got a TorchScript program, expected weights. Save them by torch.save(net.state_dict(), file).",
      );
    }
    this.#folder = object.slice(0, object.indexOf("/") + 1);
    const byteOrder = `${this.#folder}byteorder`;
    const files = unzip(bytes, (name) => name === object || name === byteOrder);
    this.pickle = files[object]!;
    this.isLittleEndian = new TextDecoder().decode(files[byteOrder]).trim() !== "big";
  }

  /** The contents of storages, by key. */
  storages(keys: ReadonlySet<string>): ReadonlyMap<string, Uint8Array> {
    const place = `${this.#folder}data/`;
    const files = unzip(this.#bytes, (name) => name.startsWith(place) && keys.has(name.slice(place.length)));
    return new Map(Object.entries(files).map(([name, content]) => [name.slice(place.length), content]));
  }
}

/** Of an entry in a zip archive's list, its name not counted. */
const entryBytes = 46;

function unzip(bytes: Uint8Array, isWanted: (name: string) => boolean): Record<string, Uint8Array> {
  const names = new Set<string>();
  try {
    return unzipSync(bytes, {
      filter({ name, compression }) {
        // A damaged list could otherwise be read on and on, and copy the same bytes again and again.
        if (names.size * entryBytes > bytes.length || names.has(name))
          throw new Error("its list of files is wrong");
        names.add(name);
        if (!isWanted(name)) return false;
        // PyTorch compresses nothing; so no small file can swell and fill the memory.
        if (compression !== 0) {
          throw new DataError(
            `torch.save file: ${name} is compressed, expected it stored as PyTorch does. Save the weights again.`,
          );
        }
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(
      `torch.save file: the zip archive cannot be read (${(cause as Error).message}). ` +
        "The file is damaged or cut short: copy or save it again.",
      { cause },
    );
  }
}

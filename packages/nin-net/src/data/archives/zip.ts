import { unzipSync } from "fflate";
import { DataError } from "../../core/errors.ts";
import { checkMemberName } from "./member-name.ts";

/** Of an entry in a zip archive's list, its name not counted. */
const entryBytes = 46;

/**
 * Unpacks some files of a zip archive.
 *
 * @param where - names the archive in errors
 * @param most - how long a file may be, by its name with folders; null: it is not wanted
 * @throws DataError if the archive is damaged, a wanted file longer, or a name leads out of the archive
 */
export function unzipMembers(
  bytes: Uint8Array,
  where: string,
  most: (name: string) => number | null,
): ReadonlyMap<string, Uint8Array> {
  const names = new Set<string>();
  try {
    const files = unzipSync(bytes, {
      filter({ name, originalSize }) {
        // A damaged list could otherwise be read on and on, and copy the same bytes again and again.
        if (names.size * entryBytes > bytes.length || names.has(name))
          throw new Error("its list of files is wrong");
        names.add(name);
        checkMemberName(name, where);
        const allowed = most(name);
        if (allowed === null) return false;
        if (originalSize > allowed) {
          throw new DataError(
            `${where}: got ${originalSize} bytes in ${name}, expected ${allowed} at most. ` +
              "It is not the official one: download it again.",
          );
        }
        return true;
      },
    });
    return new Map(Object.entries(files));
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(
      `${where}: the zip archive cannot be read (${(cause as Error).message}). ` +
        "It is damaged, cut short or another: copy or download it again.",
      { cause },
    );
  }
}

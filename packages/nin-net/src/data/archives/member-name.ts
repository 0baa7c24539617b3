import { DataError } from "../../core/errors.ts";

/**
 * Refuses an archive with a file in it that belongs nowhere below the folder it is unpacked in.
 *
 * @throws DataError if a name has `..` in it or is absolute
 */
export function checkMemberName(name: string, where: string): void {
  const parts = name.split(/[/\\]/);
  if (!parts.includes("..") && !/^(?:[/\\]|[A-Za-z]:)/.test(name)) return;
  throw new DataError(
    `${where}: got an archive with the file ${JSON.stringify(name.slice(0, 100))} in it, expected names without ` +
      '".." and below a folder. It is not the official one: download it again.',
  );
}

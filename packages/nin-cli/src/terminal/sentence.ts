import { NinError, systemReason } from "nin-net";

/** What an error says to a person: one clear sentence, for expected errors and for those nobody thought of. */
export function sentenceOf(error: unknown): string {
  if (error instanceof NinError) return error.message;
  if (!(error instanceof Error)) return String(error);
  if (isOutOfMemory(error)) {
    return "There is not enough memory for so many images at once. Take fewer: a smaller --batch-size, or fewer images.";
  }
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const where = path === undefined ? "" : ` ${path}`;
  switch (code) {
    case "ENOSPC":
      return `No space is left on the disk to write${where}. Free some, or choose another place with --out.`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `This user may not read or write${where}. Change its permissions, or choose another place.`;
    default:
      if (path !== undefined && syscall !== undefined) {
        return `${path}: cannot be read or written: ${systemReason(error)}. Check the path.`;
      }
      return `${error.name === "Error" ? "" : `${error.name}: `}${error.message}`;
  }
}

/** Whether an array could not be made because it would be too large. */
export function isOutOfMemory(error: unknown): boolean {
  return (
    error instanceof RangeError &&
    /^(?:Array buffer allocation failed|Invalid (?:typed )?array (?:buffer )?length)/.test(error.message)
  );
}

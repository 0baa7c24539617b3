import { NinError, systemReason } from "nin-net";

/**
 * Why a picture cannot be used, and what to do: the rest of a sentence that begins with its name.
 *
 * @throws the error itself, if it is not about the picture
 */
export function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "no such file, expected an image. Check the path.";
    case "EISDIR":
      return "is a folder, expected an image. Name the files in it, as with *.png.";
    case "EACCES":
    case "EPERM":
      return "may not be read by this user, expected an image. Change its permissions.";
    default:
      if (error instanceof NinError) return error.message.replace(/^(?:image|picture): /, "");
      // Whatever the system has against one file, the others are done.
      if (isSystemError(error))
        return `cannot be read (${systemReason(error)}), expected an image. Check the path.`;
      throw error;
  }
}

/** One that the operating system gave, about a file. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && "code" in error;
}

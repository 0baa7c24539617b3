/**
 * Why the operating system refused a file or a folder, in words that go on after a colon: `there is no such file`.
 *
 * @param error - as Node throws it; of another error, what it says
 */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return message.replace(/\.$/, "");
  return (reasons as Readonly<Record<string, string>>)[code] ?? `the system says ${code}`;
}

const reasons = {
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EROFS: "its disk takes no changes",
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is a file, not a folder",
  EISDIR: "it is a folder",
  EEXIST: "a file is there already",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "this user's share of the disk is used up",
  EFBIG: "it would be larger than files may be",
  EIO: "the disk reports an error (EIO)",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  ENAMETOOLONG: "its name is too long",
  ELOOP: "its links lead in a circle",
  ETXTBSY: "it is a program that runs",
  EBUSY: "another program uses it",
} as const;

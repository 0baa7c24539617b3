import { open } from "node:fs/promises";

/** A file system has no fsync. */
const hasNone: readonly unknown[] = ["EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"];
/** It has none for folders, or a folder may not be opened for it. */
const notForFolders: readonly unknown[] = [...hasNone, "EACCES", "EBADF", "EISDIR", "EPERM"];

/**
 * Flushes a file to the disk (fsync), where its file system can.
 *
 * @param handle - a FileHandle of node:fs/promises
 * @throws the system's error, with its `code`, if the disk fails
 */
export async function flushFile(handle: { sync(): Promise<void> }): Promise<void> {
  await unless(hasNone, () => handle.sync());
}

/**
 * Flushes a folder to the disk, so that a rename in it survives a power cut. Windows, CIFS, VirtualBox's shared
 * folders and some FUSE and WSL mounts cannot; there the file is as safe as the file system makes it.
 *
 * @throws the system's error, with its `code`, if the disk fails
 */
export async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  await unless(notForFolders, async () => {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

async function unless(codes: readonly unknown[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!codes.includes((error as NodeJS.ErrnoException).code)) throw error;
  }
}

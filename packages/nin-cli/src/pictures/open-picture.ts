import { constants, createReadStream, fstatSync, open } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import { promisify } from "node:util";

// Windows has no such flag, and no named pipe among its files.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file, or anything else that has a path, as a named pipe, `/dev/fd/63` or a terminal.
 *
 * A pipe that nobody writes to is waited for without blocking a thread: such a wait outlasts Ctrl-C, as a thread of
 * libuv cannot be woken from it, and the process waits for its threads.
 *
 * @throws the system's error, with its `code`, at once or from the stream
 */
export async function openPicture(path: string): Promise<Readable> {
  const fd = await promisify(open)(path, flags);
  if (fstatSync(fd).isFIFO()) return new Socket({ fd, readable: true, writable: false });
  return isatty(fd) ? new ReadStream(fd) : createReadStream(path, { fd });
}

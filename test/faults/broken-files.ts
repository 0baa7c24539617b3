/**
 * Preloaded into a process, makes one operation on one file go wrong, as the environment variable BROKEN_FILES says
 * in JSON: a {@link Breakage}. Everything else works as ever.
 */
import files, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";

export const operations = ["open", "write", "sync", "rename"] as const;

/** An operation on a file that goes wrong. */
export interface Breakage {
  readonly operation: (typeof operations)[number];
  /** The file's name, without its folder and without what makes a temporary name unique. */
  readonly file: string;
  /** Which one of these operations on it, from 1. */
  readonly call: number | "every";
  /**
   * `kill`: the process ends before the operation, or, if it is a write, in its middle; a code: the operation
   * fails with the system's error of that code.
   */
  readonly effect: "kill" | keyof typeof errors;
}

const errors = {
  EPERM: [-1, "operation not permitted"],
  EIO: [-5, "i/o error"],
  EINVAL: [-22, "invalid argument"],
  ENOSPC: [-28, "no space left on device"],
  ENOTSUP: [-95, "operation not supported on socket"],
} as const;

/** `checkpoint.safetensors.part` for the temporary file of a checkpoint. */
function stableName(path: string): string {
  return basename(path).replace(/\.[0-9a-f-]{36}\.part$/, ".part");
}

const breakage = JSON.parse(process.env.BROKEN_FILES ?? "null") as Breakage | null;
if (breakage !== null) install(breakage);

function install({ operation, file, call, effect }: Breakage): void {
  let calls = 0;
  const names = new WeakMap<object, string>();

  /** Throws or ends the process if the operation's time has come; `half` does a part of the work first. */
  async function meet(
    what: Breakage["operation"],
    path: string,
    half?: () => Promise<unknown>,
  ): Promise<void> {
    if (what !== operation || stableName(path) !== file) return;
    if (++calls !== call && call !== "every") return;
    await half?.();
    if (effect === "kill") process.kill(process.pid, "SIGKILL");
    else {
      const [errno, text] = errors[effect];
      throw Object.assign(new Error(`${effect}: ${text}, ${what}`), { code: effect, errno, syscall: what });
    }
  }

  const { open, rename } = files;
  files.open = async (path, ...rest) => {
    await meet("open", String(path));
    const handle = await open(path, ...rest);
    names.set(handle, String(path));
    wrap(handle);
    return handle;
  };
  files.rename = async (from, to) => {
    await meet("rename", String(from));
    return rename(from, to);
  };
  syncBuiltinESMExports();

  function wrap(handle: FileHandle): void {
    const { sync, writeFile, appendFile } = handle;
    const path = names.get(handle)!;
    const halfOf = (content: unknown) => async () => {
      const bytes = await firstPieceOf(content);
      await handle.write(bytes, 0, bytes.length >> 1);
      await sync.call(handle);
    };
    handle.sync = async () => {
      await meet("sync", path);
      return sync.call(handle);
    };
    handle.writeFile = async (content, ...rest) => {
      await meet("write", path, halfOf(content));
      return writeFile.call(handle, content, ...rest);
    };
    handle.appendFile = async (content, ...rest) => {
      await meet("write", path, halfOf(content));
      return appendFile.call(handle, content, ...rest);
    };
  }
}

/** What a file is given at once, or of pieces the first. */
async function firstPieceOf(content: unknown): Promise<Buffer> {
  if (typeof content === "string") return Buffer.from(content);
  if (content instanceof Uint8Array) return Buffer.from(content);
  for await (const piece of content as AsyncIterable<string>) return Buffer.from(piece);
  return Buffer.alloc(0);
}

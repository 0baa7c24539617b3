import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that is gone at the end of its scope. */
export class ScratchFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "nin-fault-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A file system of its own, of a few kilobytes, mounted on a folder. */
export class TinyFileSystem implements Disposable {
  readonly #folder = new ScratchFolder();

  constructor(kilobytes: number) {
    mount("-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", this.path);
  }

  get path(): string {
    return this.#folder.path;
  }

  /** @param options - as mount(8) takes them, e.g. `size=1m` or `ro` */
  remount(options: string): void {
    mount("-o", `remount,${options}`, this.path);
  }

  [Symbol.dispose](): void {
    execFileSync("umount", [this.path]);
    this.#folder[Symbol.dispose]();
  }
}

/** The beginning of a command that sees a file system of so many kilobytes, empty, in place of a folder. */
export function behindTinyFolder(folder: string, kilobytes: number): string[] {
  const script = `mount -t tmpfs -o size=${kilobytes}k tmpfs "$0" && exec "$@"`;
  return ["unshare", "--mount", "sh", "-c", script, folder];
}

function mount(...args: string[]): void {
  execFileSync("mount", args, { stdio: "pipe" });
}

/** Why no file system can be mounted here; false where one can. */
export const cannotMount: string | false = (() => {
  try {
    new TinyFileSystem(64)[Symbol.dispose]();
    return false;
  } catch (error) {
    return `cannot mount a tmpfs here: ${(error as Error).message.split("\n").at(-1)}`;
  }
})();

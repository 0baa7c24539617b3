/** A package of npm, unpacked in a temporary folder. */
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runNpm } from "./npm-client.ts";

/** How patient {@link NpmPackage.fetch} is. */
export interface NpmOptions {
  readonly signal?: AbortSignal | undefined;
  /** A registry that does not answer for so long is given up; default: 30. */
  readonly stallSeconds?: number | undefined;
  /** Called when the registry has answered that it has the package. */
  readonly onAnswer?: (() => void) | undefined;
}

/** Time for a package of some 40 MB over a slow line. */
const packageSeconds = 600;

/** Nothing of the package runs; nothing is written but the package. */
const unpackOnly = [
  "--ignore-scripts",
  "--no-bin-links",
  "--no-save",
  "--no-package-lock",
  "--no-audit",
  "--no-fund",
  "--prefer-offline",
];

export class NpmPackage implements AsyncDisposable {
  /** Where its files lie. */
  readonly folder: string;
  readonly #temporary: string;

  private constructor(temporary: string, name: string) {
    this.#temporary = temporary;
    this.folder = join(temporary, "node_modules", name);
  }

  /**
   * Fetches and unpacks a package.
   *
   * @throws Error that says in a sentence why it is not to be had
   */
  static async fetch(name: string, version: string, options: NpmOptions = {}): Promise<NpmPackage> {
    const temporary = await mkdtemp(join(tmpdir(), "nin-npm-"));
    const fetched = new NpmPackage(temporary, name);
    try {
      await writeFile(join(temporary, "package.json"), '{ "private": true }\n');
      // The registry of a project often stands beside its package.json.
      await copyFile(".npmrc", join(temporary, ".npmrc")).catch(() => {});
      const { signal, stallSeconds = 30, onAnswer } = options;
      const call = { cwd: temporary, signal };
      // A small question first: whether the registry answers at all shows sooner than with the package.
      await runNpm(["view", `${name}@${version}`, "version"], { ...call, seconds: stallSeconds });
      onAnswer?.();
      await runNpm(["install", `${name}@${version}`, ...unpackOnly], { ...call, seconds: packageSeconds });
      return fetched;
    } catch (error) {
      await fetched[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Deletes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    // On Windows a file that npm still has open stays: better than an error in place of the data.
    await rm(this.#temporary, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
}

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { npm } from "./npm.js";
import { root } from "./sources.js";

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** A package of this checkout as it is packed, and installed in an empty folder. */
export class PackedPackage {
  readonly name: string;
  /** Where it is installed. */
  readonly app: string;
  readonly #scratch: string;
  #packed: Packed | undefined;

  /** @param scratch - a folder that knows nothing of the checkout */
  constructor(name: string, scratch: string) {
    this.name = name;
    this.app = join(scratch, `app-${name}`);
    this.#scratch = scratch;
  }

  pack(): void {
    // Without scripts: the tests run on a finished build, and `prepare` would change it under them.
    const folder = join(root, "packages", this.name);
    const report = npm(folder, "pack", "--json", "--ignore-scripts", "--pack-destination", this.#scratch);
    this.#packed = (JSON.parse(report) as Packed[])[0]!;
  }

  get tarball(): string {
    return join(this.#scratch, this.#packed!.filename);
  }

  get size(): number {
    return this.#packed!.size;
  }

  get files(): readonly string[] {
    return this.#packed!.files.map(({ path }) => path);
  }

  /** @param others - what it needs that no registry has yet */
  install(...others: readonly PackedPackage[]): void {
    mkdirSync(this.app);
    writeFileSync(join(this.app, "package.json"), JSON.stringify({ private: true, type: "module" }));
    const tarballs = [this, ...others].map(({ tarball }) => tarball);
    npm(this.app, "install", "--prefer-offline", "--no-audit", "--no-fund", ...tarballs);
  }
}

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout; this file runs from build/test/project/. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** One `import`, `export ... from` or `import()` of a source file. */
export interface Import {
  /** As written, e.g. `node:fs` or `../ops/relu.ts`. */
  readonly specifier: string;
  /** The imported file from the checkout's root, e.g. `packages/nin-net/src/ops/relu.ts`; null for packages. */
  readonly file: string | null;
  readonly typeOnly: boolean;
}

export interface Source {
  /** From the checkout's root, with `/`. */
  readonly path: string;
  /** Without comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/** Every TypeScript file under a folder of the checkout. */
export function sourcesUnder(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")))
    .filter((path) => path.endsWith(".ts"))
    .sort()
    .map((path) => parseSource(path, readFileSync(join(root, path), "utf8")));
}

export function parseSource(path: string, text: string): Source {
  const code = withoutComments(text);
  const imports = [
    ...code.matchAll(/\b(?:import|export)\s+(type\s)?(?:[\w$*\s,{}]+\sfrom\s+)?"([^"\n]+)"/g),
    // import("...") in the place of a type, or at run time
    ...code.matchAll(/\b(typeof\s+)?import\s*\(\s*"([^"\n]+)"/g),
  ].map(([, type, specifier]) => ({
    specifier: specifier!,
    file: specifier!.startsWith(".") ? posix.join(dirname(path), specifier!) : null,
    typeOnly: type !== undefined,
  }));
  return { path, code, imports };
}

/** Comments out, strings and templates kept. */
function withoutComments(text: string): string {
  const piece =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*/g;
  return text.replace(piece, (match) => (/^\/[/*]/.test(match) ? " " : match));
}

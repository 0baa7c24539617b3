/** What `without` of CompileOptions may name, besides `all`. */
import { backendPassNames, passNames } from "../passes/passes.ts";

/** The rewriting passes in the order in which they run, then what backends rearrange of their own. */
export const allPassNames: readonly string[] = [...passNames, ...backendPassNames];

/** The passes to leave out as `--passes` has them: `all` (none left out), `none`, or `no-winograd,no-sum-early`. */
export function passListOf(leftOut: readonly string[]): string {
  const names = allPassNames.filter((name) => leftOut.includes(name) || leftOut.includes("all"));
  if (names.length === 0) return "all";
  return names.length === allPassNames.length ? "none" : names.map((name) => `no-${name}`).join(",");
}

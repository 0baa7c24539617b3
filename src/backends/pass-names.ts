/** What `without` of CompileOptions may name, besides `all`. */
import { backendPassNames, passNames } from "../passes/passes.ts";

/** The rewriting passes in the order in which they run, then what backends rearrange of their own. */
export const allPassNames: readonly string[] = [...passNames, ...backendPassNames];

/** The rewriting passes, in the order in which they run. Each is exact in real arithmetic and can be left out. */
import { NinError } from "../core/errors.ts";
import type { EpilogueStep, Graph, OpNode } from "../graph/node.ts";
import { foldResize } from "./fold-resize.ts";
import { fuseEpilogues } from "./fuse-epilogues.ts";
import { fusePointwise } from "./fuse-pointwise.ts";
import { sumEarly } from "./sum-early.ts";
import { winograd } from "./winograd.ts";

export const passNames = [
  "fold-resize",
  "winograd",
  "sum-early",
  "fuse-epilogues",
  "fuse-pointwise",
] as const;
export type PassName = (typeof passNames)[number];

/** What else can be left out: rearrangements that a backend makes of its own instructions. */
export const backendPassNames = ["chain-rows"] as const;

export interface RewriteOptions {
  /** Passes to leave out; `all` leaves out every one. */
  readonly without: readonly string[];
  /** Whether the backend's kernel for a node can end with these steps. */
  readonly canFuse: (node: OpNode, steps: readonly EpilogueStep[]) => boolean;
}

/** @throws NinError if `without` names a pass that does not exist */
export function rewrite(graph: Graph, { without, canFuse }: RewriteOptions): Graph {
  const known: readonly string[] = [...passNames, ...backendPassNames, "all"];
  const unknown = without.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new NinError(`compile: got pass "${unknown}", expected one of ${known.join(", ")}.`);
  }
  const passes: { readonly [P in PassName]: (graph: Graph) => Graph } = {
    "fold-resize": foldResize,
    winograd,
    "sum-early": sumEarly,
    "fuse-epilogues": (before) => fuseEpilogues(before, canFuse),
    "fuse-pointwise": fusePointwise,
  };
  return passNames
    .filter((name) => !without.includes("all") && !without.includes(name))
    .reduce((rewritten, name) => passes[name](rewritten), graph);
}

/** The optimisers that a recipe may name. A new one is a file beside `sgd.ts` and a line here. */

import { type NamedSettings, namedSettingsSchema } from "../core/settings.ts";
import { adamw } from "./adamw.ts";
import { muon } from "./muon.ts";
import type { Optimizer, OptimizerKind } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

/** The optimisers that recipes know, by name. */
export const optimizers = { sgd, adamw, muon } as const satisfies Readonly<Record<string, OptimizerKind>>;

export type OptimizerName = keyof typeof optimizers;
/** The keys of {@link optimizers}. */
export const optimizerNames = Object.keys(optimizers) as OptimizerName[];

/** An optimiser and its settings, as a recipe has them: `{ name: "sgd", momentum: 0.9, ... }`. */
export type OptimizerSettings = NamedSettings<typeof optimizers>;
export const optimizerSchema = namedSettingsSchema(optimizers);

/** The optimiser that a recipe names. */
export function createOptimizer({ name, ...settings }: OptimizerSettings): Optimizer {
  return (optimizers[name] as OptimizerKind)(settings);
}

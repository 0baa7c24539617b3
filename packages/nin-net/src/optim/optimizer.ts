/**
 * An optimiser is a small value: what it keeps for each weight, the numbers of a step, and the update as nodes of the
 * graph. It knows no network, no device and no file.
 */
import type * as z from "zod";
import { parseSettings, type SettingsSchema } from "../core/settings.ts";
import type { Node } from "../graph/node.ts";
import { definePointwise } from "../ops/pointwise/pointwise.ts";

/** What decides the numbers of one step. */
export interface OptimizerStep {
  /** Learning rate of this step. */
  readonly lr: number;
  /** Steps done before it, over the whole run. */
  readonly step: number;
}

/** What an update is made of, all as nodes. */
export interface UpdateContext {
  /** Before the step. */
  readonly weight: Node;
  /** Of the batch's mean loss, shaped as the weight. */
  readonly gradient: Node;
  /** What is kept for this weight, by name; shaped as the weight. */
  readonly state: Readonly<Record<string, Node>>;
  /** The numbers of the step by name, [1] each. */
  readonly scalars: Readonly<Record<string, Node>>;
}

/** New values, each shaped as the weight. */
export interface WeightUpdate {
  /** After the step. */
  readonly weight: Node;
  /** By name, as many as the optimiser keeps. */
  readonly state: Readonly<Record<string, Node>>;
}

/** A rule by which gradients change weights, with its settings. */
export interface Optimizer {
  /** By which a recipe names it, e.g. `adamw`. */
  readonly name: string;
  /** With defaults filled in. */
  readonly settings: Readonly<Record<string, number | boolean>>;
  /** Names of the tensors that are kept for each weight: shaped as it, zeros before the first step. */
  readonly stateNames: readonly string[];
  /** The numbers of a step by name: inputs of its program, so that nothing is compiled again when they change. */
  scalars(step: OptimizerStep): Readonly<Record<string, number>>;
  /** One step of one weight, as a graph. */
  update(context: UpdateContext): WeightUpdate;
}

/** What {@link defineOptimizer} takes. */
export interface OptimizerDefinition<Schema extends SettingsSchema> {
  /** For help texts, e.g. `stochastic gradient descent`. */
  readonly title: string;
  /** Each setting with its default and its description. */
  readonly settings: Schema;
  /** Names of the tensors that are kept for each weight, by the settings. */
  readonly stateNames: (settings: z.infer<Schema>) => readonly string[];
  /** The numbers of a step by name: see {@link Optimizer.scalars}. */
  readonly scalars: (settings: z.infer<Schema>, step: OptimizerStep) => Readonly<Record<string, number>>;
  /** One step of one weight, as a graph. */
  readonly update: (context: UpdateContext, settings: z.infer<Schema>) => WeightUpdate;
}

/** A kind of optimiser: call it with settings to have one. */
export interface OptimizerKind<Schema extends SettingsSchema = SettingsSchema> {
  /** @throws NinError naming the setting that is unknown or out of range */
  (settings?: z.input<Schema>): Optimizer;
  /** By which a recipe names it. */
  readonly optimizerName: string;
  /** For help texts. */
  readonly title: string;
  /** Each setting with its default and its description. */
  readonly settings: Schema;
}

/**
 * Defines an optimiser.
 *
 *     const signSgd = defineOptimizer("signSgd", {
 *       title: "the sign of the gradient",
 *       settings: z.strictObject({}),
 *       stateNames: () => [],
 *       scalars: (_settings, { lr }) => ({ lr }),
 *       update: ({ weight, gradient, scalars }) => ({ weight: signStep(weight, gradient, scalars.lr), state: {} }),
 *     });
 *
 * @param name - by which a recipe names it, if it is in the registry
 */
export function defineOptimizer<Schema extends SettingsSchema>(
  name: string,
  definition: OptimizerDefinition<Schema>,
): OptimizerKind<Schema> {
  const create = (given: z.input<Schema> = {} as z.input<Schema>): Optimizer => {
    const settings = parseSettings(`optimizer ${name}`, definition.settings, given);
    return {
      name,
      settings: settings as Readonly<Record<string, number | boolean>>,
      stateNames: definition.stateNames(settings),
      scalars: (step) => definition.scalars(settings, step),
      update: (context) => definition.update(context, settings),
    };
  };
  return Object.assign(create, {
    optimizerName: name,
    title: definition.title,
    settings: definition.settings,
  });
}

/** One step against a direction: w - lr direction. */
export const descended = definePointwise("descent", (w, direction, lr) => w.sub(direction.mul(lr)));

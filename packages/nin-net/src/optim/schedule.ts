/** A schedule is a pure function of the step: nothing of it has to be kept for a run to go on. */
import type * as z from "zod";
import { parseSettings, type SettingsSchema } from "../core/settings.ts";

/** Where training stands. */
export interface SchedulePosition {
  /** Steps done before this one, over the whole run. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Steps of one epoch. */
  readonly stepsPerEpoch: number;
}

/** How the learning rate changes over a run. */
export interface Schedule {
  /** By which a recipe names it, e.g. `cosine`. */
  readonly name: string;
  /** With defaults filled in. */
  readonly settings: Readonly<Record<string, number>>;
  /** Whether it depends on how many steps the whole run has. */
  readonly spansRun: boolean;
  /** What the recipe's learning rate is multiplied by, at least 0. */
  factor(position: SchedulePosition): number;
}

/** What {@link defineSchedule} takes. */
export interface ScheduleDefinition<Schema extends SettingsSchema> {
  /** For help texts. */
  readonly title: string;
  /** Whether it depends on how many steps the whole run has: such a run cannot be given more epochs later. */
  readonly spansRun?: boolean;
  /** Each setting with its default and its description. */
  readonly settings: Schema;
  /** What the recipe's learning rate is multiplied by, at least 0. */
  readonly factor: (position: SchedulePosition, settings: z.infer<Schema>) => number;
}

/** A kind of schedule: call it with settings to have one. */
export interface ScheduleKind<Schema extends SettingsSchema = SettingsSchema> {
  /** @throws NinError naming the setting that is unknown or out of range */
  (settings?: z.input<Schema>): Schedule;
  /** By which a recipe names it. */
  readonly scheduleName: string;
  /** For help texts. */
  readonly title: string;
  /** Each setting with its default and its description. */
  readonly settings: Schema;
}

/**
 * Defines a schedule.
 *
 * @param name - by which a recipe names it, if it is in the registry
 */
export function defineSchedule<Schema extends SettingsSchema>(
  name: string,
  definition: ScheduleDefinition<Schema>,
): ScheduleKind<Schema> {
  const create = (given: z.input<Schema> = {} as z.input<Schema>): Schedule => {
    const settings = parseSettings(`schedule ${name}`, definition.settings, given);
    return {
      name,
      settings: settings as Readonly<Record<string, number>>,
      spansRun: definition.spansRun ?? false,
      factor: (position) => definition.factor(position, settings),
    };
  };
  return Object.assign(create, {
    scheduleName: name,
    title: definition.title,
    settings: definition.settings,
  });
}

/** What `constant()` is, for training that names no schedule: a page loads no schema of settings with it. */
export const sameRate: Schedule = { name: "constant", settings: {}, spansRun: false, factor: () => 1 };

/**
 * A linear rise over the first epochs, then the schedule over the steps that are left.
 *
 * @param epochs - may be a part of one; 0: the schedule itself
 * @see Goyal et al. 2017, "Accurate, large minibatch SGD" (arXiv:1706.02677), section 2.2
 */
export function withWarmup(schedule: Schedule, epochs: number): Schedule {
  if (epochs === 0) return schedule;
  return {
    ...schedule,
    factor: ({ step, steps, stepsPerEpoch }) => {
      const rising = Math.min(steps, Math.round(epochs * stepsPerEpoch));
      if (step < rising) return (step + 1) / (rising + 1);
      return schedule.factor({ step: step - rising, steps: steps - rising, stepsPerEpoch });
    },
  };
}

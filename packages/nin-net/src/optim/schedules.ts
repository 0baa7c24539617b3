/** The schedules that a recipe may name. A new one is a file in `schedules/` and a line here. */

import { type NamedSettings, namedSettingsSchema } from "../core/settings.ts";
import type { Schedule, ScheduleKind } from "./schedule.ts";
import { constant } from "./schedules/constant.ts";
import { cosine } from "./schedules/cosine.ts";
import { oneCycle } from "./schedules/one-cycle.ts";
import { step } from "./schedules/step.ts";

/** The schedules that recipes know, by name. */
export const schedules = {
  constant,
  step,
  cosine,
  "one-cycle": oneCycle,
} as const satisfies Readonly<Record<string, ScheduleKind>>;

export type ScheduleName = keyof typeof schedules;
/** The keys of {@link schedules}. */
export const scheduleNames = Object.keys(schedules) as ScheduleName[];

/** A schedule and its settings, as a recipe has them: `{ name: "cosine", final: 0 }`. */
export type ScheduleSettings = NamedSettings<typeof schedules>;
export const scheduleSchema = namedSettingsSchema(schedules);

/** The schedule that a recipe names. */
export function createSchedule({ name, ...settings }: ScheduleSettings): Schedule {
  return (schedules[name] as ScheduleKind)(settings);
}

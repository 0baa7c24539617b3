import * as z from "zod";
import { defineSchedule } from "../schedule.ts";

/** The same learning rate at every step. */
export const constant = defineSchedule("constant", {
  title: "the same rate at every step",
  settings: z.strictObject({}),
  factor: () => 1,
});

// The tutorial's recipe, whole, by way of nin train.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { root } from "../here.mjs";
import { complaint } from "../race.mjs";

/**
 * Trains with nin train, as a person would.
 *
 * @param args - of nin train, that make the recipe
 * @param note - is told of every epoch
 * @returns the done event, `processSeconds` from start to exit, and `deadMaps`, how many class maps were dead at last
 * @throws with the command's own error
 */
export async function trainRecipe(precision, args, note) {
  const folder = mkdtempSync(join(os.tmpdir(), "nin-bench-"));
  const began = performance.now();
  try {
    const command = [join(root, "bin", "nin.js"), "train", ...args, "--out", join(folder, "run"), "--json"];
    if (precision !== "f32") command.push("--precision", precision);
    const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    const [errors, events, status] = await Promise.all([
      text(child.stderr),
      eventsOf(child.stdout, note),
      ended,
    ]);
    const done = events.findLast(({ kind }) => kind === "done");
    if (status !== 0 || done === undefined)
      throw new Error(/^error: (.*)/m.exec(errors)?.[1] ?? complaint(errors));
    const epochs = events.filter(({ kind }) => kind === "epoch").length;
    const dead = events.findLast(({ kind, epoch }) => kind === "deadClassMaps" && epoch === epochs);
    const { device, dataset } = events.find(({ kind }) => kind === "start");
    const processSeconds = (performance.now() - began) / 1000;
    return {
      ...done,
      precision,
      epochs,
      device,
      dataset,
      processSeconds,
      deadMaps: dead?.classes.length ?? 0,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Events but those of single steps. */
async function eventsOf(stdout, note) {
  const events = [];
  for await (const line of createInterface({ input: stdout })) {
    const event = JSON.parse(line);
    if (event.kind === "epoch") note(`epoch ${event.epoch}: test accuracy ${event.testAccuracy.toFixed(3)}`);
    if (event.kind !== "step") events.push(event);
  }
  return events;
}

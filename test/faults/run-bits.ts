import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkpointFiles, RunFolder } from "#nin-cli/runs/run-folder.js";
import type { Checkpoint } from "#nin-net/train/checkpoint.js";
import { eventsOf } from "../runs/events-of.js";

/** All that a run has come to, but for what clocks measured. */
export async function bitsOf(path: string): Promise<object> {
  const run = await RunFolder.open(path);
  const checkpoints: Record<string, object> = {};
  for (const kind of Object.keys(checkpointFiles) as (keyof typeof checkpointFiles)[]) {
    const checkpoint = await run.findCheckpoint(kind);
    if (checkpoint === null) continue;
    const { weights, optimizer, progress } = checkpoint.state;
    const { seconds: _, ...rest } = progress;
    checkpoints[kind] = { weights: digestsOf(weights), optimizer: digestsOfAll(optimizer), rest };
  }
  // The device and its threads are those of the process that began; several ranks measure one thing more.
  const notCompared = { imagesPerSecond: 0, seconds: 0, exchangeSeconds: 0, device: "", threads: 0, run: "" };
  const events = (await eventsOf(run)).map((event) => ({ ...event, ...notCompared }));
  const curves = digest(readFileSync(join(path, "curves.svg")));
  return { config: run.config, checkpoints, events, metrics: metricsOf(path), curves };
}

/** What the optimiser keeps, by its names. */
function digestsOfAll(optimizer: Checkpoint["state"]["optimizer"]): object {
  return Object.fromEntries(Object.entries(optimizer).map(([name, tensors]) => [name, digestsOf(tensors)]));
}

/** Every file of a folder, as it is. */
export function contentsOf(path: string): Record<string, string> {
  return Object.fromEntries(readdirSync(path).map((name) => [name, digest(readFileSync(join(path, name)))]));
}

/** The rows of metrics.csv without the columns of what clocks measured. */
function metricsOf(path: string): string[][] {
  const lines = readFileSync(join(path, "metrics.csv"), "utf8").trimEnd().split("\n");
  const rows = lines.map((line) => line.split(","));
  const isClock = rows[0]!.map((name) => ["imagesPerSecond", "seconds"].includes(name));
  return rows.map((row) => row.filter((_, column) => !isClock[column]));
}

function digestsOf(tensors: Readonly<Record<string, { readonly data: Float32Array }>>): object {
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, digest(data)]));
}

function digest(bytes: Uint8Array | Float32Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

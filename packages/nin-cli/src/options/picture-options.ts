import type { Command } from "commander";
import type { DatasetName, Invert } from "nin-net";
import { UsageError } from "../terminal/exit-status.ts";
import { addDataOptions, addDeviceOptions, type DataOptions, type DeviceOptions } from "./common-options.ts";
import { datasetName, oneOf } from "./values.ts";

/** Options of commands that take pictures. */
export interface PictureOptions extends DataOptions, DeviceOptions {
  readonly invert: Invert;
  readonly dataset?: DatasetName;
  readonly index?: readonly number[];
  readonly saveInput?: string;
}

const most = 10_000;

/** `--dataset`, `--index`, `--invert`, and those of data and devices. */
export function addPictureOptions(command: Command): Command {
  const own = command
    .option(
      "--invert <when>",
      "auto (where the background is light), yes or no",
      oneOf("--invert", ["auto", "yes", "no"]),
      "auto",
    )
    .option("--dataset <name>", "take test images of a data set instead", datasetName("--dataset"))
    .option("--index <list>", "which of them, from 0: 7 or 0,3,10-19", parseIndices);
  return addDeviceOptions(addDataOptions(own));
}

/** @throws UsageError unless pictures or images of a data set are named, and not both */
export function checkSource(command: string, images: readonly string[], options: PictureOptions): void {
  const { dataset, index } = options;
  if (images.length > 0 && (dataset !== undefined || index !== undefined)) {
    throw new UsageError(
      `nin ${command}: got IMAGE and ${dataset !== undefined ? "--dataset" : "--index"}, expected one of them.`,
    );
  }
  if (dataset === undefined && index !== undefined) {
    throw new UsageError("--index: got no --dataset, expected one whose images it counts.");
  }
  if (dataset !== undefined && index === undefined) {
    throw new UsageError("--dataset: got no --index, expected which of its test images, such as --index 7.");
  }
  if (images.filter((image) => image === "-").length > 1) {
    throw new UsageError(`nin ${command}: got - twice, expected it once: standard input is read once.`);
  }
}

function parseIndices(text: string): readonly number[] {
  const parts = text.split(",").map((part) => /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part));
  const indices: number[] = [];
  for (const part of parts) {
    const first = Number(part?.[1]);
    const last = Number(part?.[2] ?? part?.[1]);
    const isRange = part !== null && first <= last && indices.length + last - first < most;
    if (!isRange) {
      throw new UsageError(
        `--index: got ${JSON.stringify(text)}, expected numbers from 0 up and ranges, such as 7 or 0,3,10-19; ` +
          `${most.toLocaleString("en-US")} at most.`,
      );
    }
    for (let index = first; index <= last; index++) indices.push(index);
  }
  return indices;
}

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const python = "/usr/bin/python3";
const hasPython = spawnSync(python, ["--version"]).status === 0;

/** Why tests that read event files cannot run; false if they can. */
export const skip = hasPython ? false : `there is no ${python}`;

export interface ReadEvent {
  readonly seconds: number;
  readonly step: number;
  readonly version?: string;
  /** 1: START. */
  readonly session?: number;
  readonly values?: readonly ReadValue[];
}

export interface ReadValue {
  readonly tag: string;
  readonly scalar?: number;
  readonly image?: { height: number; width: number; channels: number; png: string };
  readonly tensor?: { type: number; shape: number[]; strings: string[] };
  readonly plugin?: string;
}

/** Reads an event file by a reader that has nothing in common with what wrote it. */
export function readEvents(file: string): ReadEvent[] {
  const script = join("test", "oracle", "read-tensorboard.py");
  const { status, stdout, stderr } = spawnSync(python, [script, file], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ReadEvent);
}

/** The numbers of a tag, [step, value]. */
export function scalarsOf(events: readonly ReadEvent[], tag: string): [number, number][] {
  return events.flatMap(({ step, values = [] }) =>
    values.filter((value) => value.tag === tag).map(({ scalar }) => [step, scalar!] as [number, number]),
  );
}

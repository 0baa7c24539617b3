import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, type IAsyncProperty, type IProperty, type RunDetails } from "fast-check";
import { NinError } from "#nin-net/core/errors.js";

/** A reader under fire: what it must hold to for any bytes whatever. */
export interface FuzzTarget {
  /** What is read, and what is done to it. */
  readonly name: string;
  /** Cases of an ordinary test run. */
  readonly cases: number;
  readonly property: IProperty<unknown> | IAsyncProperty<unknown>;
}

/**
 * Runs a target.
 *
 * @throws AssertionError with the smallest input found that breaks the property, and the seed that finds it again
 */
export async function fuzz(target: FuzzTarget, cases: number, seed: number): Promise<void> {
  const details = await check(target.property as IAsyncProperty<unknown>, { numRuns: cases, seed });
  if (!details.failed) return;
  assert.fail(`${target.name}: seed ${seed}, case ${details.numRuns} of ${cases}.\n${reportOf(details)}`);
}

function reportOf({ counterexample, counterexamplePath, errorInstance }: RunDetails<unknown>): string {
  const cause = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
  return `Path ${counterexamplePath}: ${show(counterexample)}\n${cause}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    part instanceof Uint8Array ? `hex ${Buffer.from(part).toString("hex")}` : part,
  );
  return text.length > 2000 ? `${text.slice(0, 2000)}...` : text;
}

/** A reader's answer to bytes: what it read, or how it refused. */
export type Answer<T> = { readonly read: T } | { readonly refused: NinError };

/** The longest refusal: a message is for a person, whatever stands in the file. */
const longestMessage = 1500;

/**
 * Reads, and lets through nothing but a result or a refusal that a person can read; nor more memory than `most`.
 *
 * @param most - bytes of array buffers that reading may take
 */
export async function answer<T>(read: () => T | Promise<T>, most: number): Promise<Answer<T>> {
  const before = process.memoryUsage().arrayBuffers;
  let result: Answer<T>;
  try {
    result = { read: await read() };
  } catch (error) {
    if (!(error instanceof NinError)) throw error;
    assert.ok(error.message.length <= longestMessage, `a message of ${error.message.length} characters`);
    result = { refused: error };
  }
  const taken = process.memoryUsage().arrayBuffers - before;
  assert.ok(taken <= most, `took ${taken} bytes, expected ${most} at most`);
  return result;
}

/** A folder for the files of one process's cases, in memory where there is such a place. */
export const scratch = mkdtempSync(join(tmpdir(), "nin-fuzz-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

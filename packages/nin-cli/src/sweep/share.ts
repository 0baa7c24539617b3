/** Which runs of a sweep this process trains, where several share them. */
import { NinError } from "nin-net";

/** Every `count`-th run, beginning with the one at `index`. */
export interface Share {
  readonly index: number;
  readonly count: number;
}

/** @returns the items of a share, in their order */
export function shareOf<T>(items: readonly T[], { index, count }: Share): T[] {
  return items.filter((_, i) => i % count === index);
}

/** A share of a share. */
export function sharedAgain(outer: Share, inner: Share): Share {
  return { index: outer.index + outer.count * inner.index, count: outer.count * inner.count };
}

/**
 * The share of a task of a SLURM array; the whole where there is none.
 *
 * @throws NinError if the array's tasks are not numbered evenly, so that nobody knows which is the how many-th
 * @see https://slurm.schedmd.com/job_array.html
 */
export function arrayShare(env: Readonly<Record<string, string | undefined>>): Share {
  const { SLURM_ARRAY_TASK_ID: task } = env;
  if (task === undefined) return { index: 0, count: 1 };
  const number = (name: string, usual?: string) => wholeNumber(name, env[name] ?? usual);
  const id = number("SLURM_ARRAY_TASK_ID");
  const count = number("SLURM_ARRAY_TASK_COUNT");
  const first = number("SLURM_ARRAY_TASK_MIN", "0");
  const last = number("SLURM_ARRAY_TASK_MAX", String(first + count - 1));
  const index = count === 1 ? 0 : ((id - first) * (count - 1)) / (last - first);
  const isEven =
    Number.isInteger(index) &&
    index >= 0 &&
    index < count &&
    (count === 1 || (last - first) % (count - 1) === 0);
  if (isEven) return { index, count };
  throw new NinError(
    `SLURM_ARRAY_TASK_ID: got task ${id} of ${count} between ${first} and ${last}, expected tasks numbered evenly, ` +
      `such as --array=0-${Math.max(1, count - 1)}.`,
  );
}

function wholeNumber(name: string, text: string | undefined): number {
  if (text !== undefined && /^\d{1,9}$/.test(text)) return Number(text);
  throw new NinError(
    `${name}: got ${text === undefined ? "nothing" : JSON.stringify(text)} in the environment, expected the whole number ` +
      "that SLURM sets for each task of an array.",
  );
}

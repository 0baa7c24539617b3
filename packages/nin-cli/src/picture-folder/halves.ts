/** Which pictures are trained on and which are tested on. */
import type { Half, LabelledFile } from "./layout.ts";

/** A picture that was read: its class, what it holds, and to which half it belongs if its folder says so. */
export interface ReadFile extends LabelledFile {
  /** Of the content. */
  readonly sha256: string;
}

/** A picture with its half. */
export interface PlacedFile extends ReadFile {
  readonly half: Half;
}

/**
 * Places each picture by its content, where its folder does not say: equal pictures come into one half, and a picture
 * stays in its half whatever is added or renamed. Where a class would have nothing in a half, the picture whose hash
 * is nearest to it goes there, so that each half has every class of at least two different pictures.
 *
 * @param testShare - about this share is tested on, 0..1
 */
export function placed(files: readonly ReadFile[], testShare: number): PlacedFile[] {
  const forced = new Map<string, Half>();
  const undecided = files.filter(({ half }) => half === undefined);
  for (const group of groupsBy(undecided, ({ className }) => className)) {
    const digests = [...new Set(group.map(({ sha256 }) => sha256))].sort();
    if (digests.length < 2) continue;
    const [lowest, highest] = [digests[0]!, digests.at(-1)!];
    if (fraction(lowest) >= testShare) forced.set(lowest, "test");
    if (fraction(highest) < testShare) forced.set(highest, "train");
  }
  return files.map((file) => {
    const byContent = fraction(file.sha256) < testShare ? "test" : "train";
    return { ...file, half: file.half ?? forced.get(file.sha256) ?? byContent };
  });
}

/** 0 up to, but without, 1; evenly spread over all contents. */
function fraction(sha256: string): number {
  return Number.parseInt(sha256.slice(0, 12), 16) / 2 ** 48;
}

/** Equal pictures in both halves: training on them makes the test easier than it is. */
export function acrossHalves(files: readonly PlacedFile[]): PlacedFile[][] {
  return copies(files).filter((group) => new Set(group.map(({ half }) => half)).size > 1);
}

/** Equal pictures in several classes: at most one of them can be right. */
export function acrossClasses(files: readonly PlacedFile[]): PlacedFile[][] {
  return copies(files).filter((group) => new Set(group.map(({ className }) => className)).size > 1);
}

function copies(files: readonly PlacedFile[]): PlacedFile[][] {
  return groupsBy(files, ({ sha256 }) => sha256).filter(({ length }) => length > 1);
}

function groupsBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

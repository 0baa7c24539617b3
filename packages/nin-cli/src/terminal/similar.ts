import leven from "leven";
import { listed } from "./format.ts";

/**
 * ` Did you mean --lr?`: the names nearest to one that is not known, to be put after a sentence; empty where none is
 * near.
 */
export function didYouMean(text: string, names: readonly string[]): string {
  const word = text.toLowerCase();
  const distances = names.map((name) => ({ name, distance: distanceTo(name.toLowerCase(), word) }));
  const least = Math.min(...distances.map(({ distance }) => distance));
  const best = distances
    .filter(({ distance }) => distance === least && distance < Infinity)
    .map(({ name }) => name);
  return best.length === 0 ? "" : ` Did you mean ${listed(best)}?`;
}

/** Of a word to a name, or to a part of it, as `boot` to `ankle boot`; infinite where they are not alike. */
function distanceTo(name: string, word: string): number {
  const parts = name.split(/[- ]/).filter((part) => part !== name && part.length > 2);
  const toParts = parts.map((part) => ifAlike(part, word) + partBehindWhole);
  return Math.min(ifAlike(name, word), ...toParts);
}

function ifAlike(name: string, word: string): number {
  // Letters that have changed places are one slip.
  const edits = Math.min(leven(word, name), sorted(word) === sorted(name) ? 1 : Infinity);
  const longer = Math.max(word.length, name.length);
  const isAlike = name.length > 1 && edits <= Math.max(1, Math.floor(longer * mostChanged));
  return isAlike ? edits : Infinity;
}

function sorted(word: string): string {
  return [...word].sort().join("");
}

const partBehindWhole = 0.5;
/** Share of the letters; so that lenet is not suggested for resnet. */
const mostChanged = 1 / 4;

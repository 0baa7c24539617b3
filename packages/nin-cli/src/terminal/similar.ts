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
  return best.length === 0 ? "" : ` Did you mean ${disjunction.format(best)}?`;
}

/** Of a word to a name, or to a part of it, as `boot` to `ankle boot`; infinite where they are not alike. */
function distanceTo(name: string, word: string): number {
  const parts = name.split(/[- ]/).filter((part) => part !== name && part.length > 2);
  const toParts = parts.map((part) => ifAlike(part, word) + partBehindWhole);
  return Math.min(ifAlike(name, word), ...toParts);
}

function ifAlike(name: string, word: string): number {
  const edits = editsBetween(word, name);
  const longer = Math.max(word.length, name.length);
  const isAlike = name.length > 1 && edits <= Math.max(1, Math.floor(longer * mostChanged));
  return isAlike ? edits : Infinity;
}

const partBehindWhole = 0.5;
/** Share of the letters; so that lenet is not suggested for resnet. */
const mostChanged = 1 / 4;

/** Letters to change, add, leave out or swap with the next one to make one word of the other. */
function editsBetween(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const [before, above] = [rows[i - 2], rows[i - 1]!];
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwapped ? before![j - 2]! + 1 : Infinity;
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (isSame ? 0 : 1), swap));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

// British English: no comma before the last.
const disjunction = new Intl.ListFormat("en-GB", { type: "disjunction" });

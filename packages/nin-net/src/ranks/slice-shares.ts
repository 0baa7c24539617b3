/**
 * Which slices of a batch each rank computes, and how their sums become one: in the tree of backends/slice-sums.ts, so
 * that the bits are those of one process.
 *
 * A node of the tree stands for slices in a row. Nodes that lie within the share of one rank it adds up by itself.
 * Above them, where the left child is known to some ranks and the right one to others, each rank gets the one that it
 * lacks from a rank that has it, and adds both: where shares are equal subtrees, that is recursive doubling.
 *
 * @see Thakur, Rabenseifner & Gropp 2005, "Optimization of collective communication operations in MPICH", section 4.5
 */
import type { Communicator } from "./communicator.ts";

/** Slices from `begin` up to, but not with, `end`. */
export interface SliceRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * Shares the slices of a batch out, in order. No rank has more than it must; within that, shares are made of subtrees
 * as large as possible, which leaves the fewest sums to exchange. Where there are too few slices the last ranks have
 * none.
 *
 * @returns by rank
 */
export function sliceShares(slices: number, ranks: number): SliceRange[] {
  const most = Math.ceil(slices / ranks);
  let block = 1;
  while (mostOf(slices, ranks, 2 * block) === most) block *= 2;
  const blocks = Math.ceil(slices / block);
  const at = (rank: number) => Math.min(slices, block * Math.ceil((blocks * rank) / ranks));
  const shares = Array.from({ length: ranks }, (_, rank) => ({ begin: at(rank), end: at(rank + 1) }));
  // The empty ones last.
  return [...shares.filter(isSome), ...shares.filter((share) => !isSome(share))];
}

function mostOf(slices: number, ranks: number, block: number): number {
  return block * Math.ceil(Math.ceil(slices / block) / ranks);
}

function isSome({ begin, end }: SliceRange): boolean {
  return begin < end;
}

/** The two parts that a node's sum is made of. */
function childrenOf({ begin, end }: SliceRange): [left: SliceRange, right: SliceRange] {
  const middle = begin + 2 ** (31 - Math.clz32(end - begin - 1));
  return [
    { begin, end: middle },
    { begin: middle, end },
  ];
}

function contains(outer: SliceRange, inner: SliceRange): boolean {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

function meets(a: SliceRange, b: SliceRange): boolean {
  return isSome(a) && isSome(b) && a.begin < b.end && b.begin < a.end;
}

/** The largest subtrees that lie within a share, in order; the tree is that of a batch of `slices`. */
export function subtreesOf(share: SliceRange, slices: number): SliceRange[] {
  const within = (node: SliceRange): SliceRange[] => {
    if (!meets(share, node)) return [];
    return contains(share, node) ? [node] : childrenOf(node).flatMap(within);
  };
  return within({ begin: 0, end: slices });
}

/** What one rank does at a node whose children are not known to the same ranks, or to itself alone. */
interface Joint {
  readonly node: SliceRange;
  readonly left: SliceRange;
  readonly right: SliceRange;
  /** Who gets which child from this rank. */
  readonly sends: readonly { readonly rank: number; readonly child: SliceRange }[];
  /** Where this rank has the child from that it lacks; undefined: it has both. */
  readonly receives: { readonly rank: number; readonly child: SliceRange } | undefined;
}

/** What a rank does, node by node; every node after its children. */
function jointsOf(shares: readonly SliceRange[], slices: number, rank: number): Joint[] {
  const joints: Joint[] = [];
  const visit = (node: SliceRange): void => {
    if (!meets(shares[rank]!, node) || contains(shares[rank]!, node)) return;
    const [left, right] = childrenOf(node);
    visit(left);
    visit(right);
    const sends: { rank: number; child: SliceRange }[] = [];
    let receives: Joint["receives"];
    for (const [child, sibling] of [
      [left, right],
      [right, left],
    ] as const) {
      const knowing = ranksOf(shares, child);
      const lacking = ranksOf(shares, sibling).filter((other) => !knowing.includes(other));
      lacking.forEach((other, i) => {
        const from = knowing[i % knowing.length]!;
        if (from === rank) sends.push({ rank: other, child });
        if (other === rank) receives = { rank: from, child };
      });
    }
    joints.push({ node, left, right, sends, receives });
  };
  visit({ begin: 0, end: slices });
  return joints;
}

/** Ranks with a share in a node, in order. */
function ranksOf(shares: readonly SliceRange[], node: SliceRange): number[] {
  return shares.flatMap((share, rank) => (isSome(share) && meets(share, node) ? [rank] : []));
}

/** Sums of many tensors, one after the other. */
export type SumValues = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/**
 * Makes the sums over all slices of a batch of what the ranks have added up; every rank calls it and gets the same bits.
 *
 * @param shares - see {@link sliceShares}
 * @param own - this rank's sums, in the order of {@link subtreesOf}
 * @param create - makes room for a sum
 */
export async function sumOverRanks<V extends SumValues>(
  communicator: Communicator,
  shares: readonly SliceRange[],
  slices: number,
  own: readonly V[],
  create: () => V,
): Promise<V> {
  const { rank } = communicator;
  const known = new Map<string, V>();
  subtreesOf(shares[rank]!, slices).forEach((node, i) => {
    known.set(keyOf(node), own[i]!);
  });
  for (const { node, left, right, sends, receives } of jointsOf(shares, slices, rank)) {
    const received = receives && { ...receives, values: create() };
    await communicator.exchange(
      sends.map(({ rank: to, child }) => ({ rank: to, data: bytesOf(known.get(keyOf(child))!) })),
      received ? [{ rank: received.rank, data: bytesOf(received.values) }] : [],
    );
    if (received) known.set(keyOf(received.child), received.values);
    const sum = add(known.get(keyOf(left))!, known.get(keyOf(right))!);
    known.delete(keyOf(left));
    known.delete(keyOf(right));
    known.set(keyOf(node), sum);
  }
  const total = known.get(keyOf({ begin: 0, end: slices })) ?? create();
  await shareTotal(communicator, shares, bytesOf(total));
  return total;
}

/** Gives the total to the ranks that have no slices. */
async function shareTotal(
  communicator: Communicator,
  shares: readonly SliceRange[],
  total: Uint8Array,
): Promise<void> {
  const { rank, size } = communicator;
  const busy = shares.filter(isSome).length;
  if (rank >= busy) {
    await communicator.exchange([], [{ rank: rank % busy, data: total }]);
    return;
  }
  const idle = Array.from({ length: size - busy }, (_, i) => busy + i).filter(
    (other) => other % busy === rank,
  );
  if (idle.length === 0) return;
  await communicator.exchange(
    idle.map((other) => ({ rank: other, data: total })),
    [],
  );
}

/**
 * Gives every rank the rows of all.
 *
 * @param shares - the rows that each rank has made
 * @param rows - of all; this rank's are there
 * @param each - bytes a row
 */
export async function exchangeRows(
  communicator: Communicator,
  shares: readonly SliceRange[],
  rows: Uint8Array,
  each: number,
): Promise<void> {
  const { rank } = communicator;
  const others = shares.flatMap((share, other) => (other === rank ? [] : [{ rank: other, share }]));
  const { begin, end } = shares[rank]!;
  // Copies: the rows may lie in shared memory.
  const own = rows.slice(each * begin, each * end);
  const received = others
    .filter(({ share }) => isSome(share))
    .map(({ rank: from, share }) => ({
      rank: from,
      at: each * share.begin,
      data: new Uint8Array(each * (share.end - share.begin)),
    }));
  await communicator.exchange(
    own.length === 0 ? [] : others.map(({ rank: to }) => ({ rank: to, data: own })),
    received,
  );
  for (const { at, data } of received) rows.set(data, at);
}

/** Adds into the left one, number by number: rounded once, as the kernels do. */
function add<V extends SumValues>(left: V, right: V): V {
  for (let i = 0; i < left.length; i++) left[i]! += right[i]!;
  return left;
}

function keyOf({ begin, end }: SliceRange): string {
  return `${begin} ${end}`;
}

function bytesOf({ buffer, byteOffset, byteLength }: SumValues): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

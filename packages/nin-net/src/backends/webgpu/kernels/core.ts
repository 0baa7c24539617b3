/** What multiplies within a workgroup: a tile of C from tiles of A and B in workgroup memory. */

/** The part of C that a workgroup makes, and the part of it that a thread makes. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly threadRows: number;
  readonly threadColumns: number;
}

/** Depth of a tile: a multiple of 4. With 128x128 tiles it fills the 16 KiB that every GPU has. */
export const depth = 16;

/** Code for one tile. It finds `rowStart` and `columnStart`, and calls `put(z, row, column, sum)` with four sums of a row. */
export interface Core {
  /** Threads a workgroup. */
  readonly threads: number;
  readonly directives: readonly string[];
  /** Of `tileA` and `tileB`, [depth, rows] and [depth, columns], and whatever else it needs. */
  readonly declarations: string;
  /** A statement that puts four neighbours into a tile; the index counts vectors of four. */
  put(name: "A" | "B", index: string, value: string): string;
  /** Sums at zero. */
  readonly begin: string;
  /** Adds the product of the tiles. */
  readonly multiply: string;
  readonly store: string;
}

export function indices(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

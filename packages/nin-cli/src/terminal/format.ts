import { stripVTControlCharacters } from "node:util";

/** `1,992,166`. */
export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

/** Seconds as a person reads a clock: `0:07`, `12:34`, `3:04:05`. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "-:--";
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Images a second: one decimal where it says something, `14.8`, else none, `1520`. */
export function rate(imagesPerSecond: number): string {
  return imagesPerSecond.toFixed(imagesPerSecond < 100 ? 1 : 0);
}

/** Bytes in decimal units, as disks and networks count: `40 B`, `38.4 kB`, `30.9 MB`. */
export function decimalBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Characters in a line: 80 for a pipe, and for a terminal that does not know its size and says 0. */
export function columnsOf(stream: { readonly columns?: number | undefined }): number {
  return stream.columns || 80;
}

/** Lines of at most `columns` characters, broken between words and indented as the line that they were. */
export function wrapped(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => {
    const [indent] = /^ */.exec(line)!;
    const [first, ...words] = line.slice(indent.length).split(" ");
    const lines: string[] = [];
    let current = `${indent}${first}`;
    for (const word of words) {
      const longer = `${current} ${word}`;
      if (stripVTControlCharacters(longer).length <= columns) {
        current = longer;
      } else {
        lines.push(current);
        current = `${indent}${word}`;
      }
    }
    return [...lines, current];
  });
}

/** The first `columns` characters of a line, with all its colour codes, which take no room. */
export function cut(line: string, columns: number): string {
  let left = columns;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals are told
  return line.replaceAll(/\x1b\[[\d;]*m|./gsu, (part) => {
    if (part.length > 1 && part.startsWith("\x1b")) return part;
    return left-- > 0 ? part : "";
  });
}

export type Align = "left" | "right";

/**
 * Lines of a plain table: two spaces between columns, no trailing ones.
 *
 * @param rows - the heading first
 * @param align - of each column; the last one counts for all that follow
 */
export function tableLines(rows: readonly (readonly string[])[], align: readonly Align[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const side = align[column] ?? align.at(-1);
        return side === "right" ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
      })
      .join("  ")
      .trimEnd(),
  );
}

/** `a, b or c`. */
export function listed(names: readonly string[]): string {
  return disjunction.format(names);
}

// British English: no comma before the last.
const disjunction = new Intl.ListFormat("en-GB", { type: "disjunction" });

/** As a shell takes it for one word. */
export function quoted(word: string): string {
  return /^[\w./~:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

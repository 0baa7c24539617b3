import type { Comparison } from "./comparison.ts";
import { rowFigures } from "./comparison-json.ts";

/** A line for each row under a line of names, as spreadsheets read it. */
export function comparisonCsv(comparison: Comparison): string {
  const rows = comparison.rows.map(rowFigures);
  const names = Object.keys(rows[0]!);
  return [names, ...rows.map((row) => Object.values(row).map(cell))]
    .map((cells) => `${cells.join(",")}\n`)
    .join("");
}

/** Lists have spaces between their values; what is not known is empty. */
function cell(value: unknown): string {
  const text = Array.isArray(value) ? value.join(" ") : String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

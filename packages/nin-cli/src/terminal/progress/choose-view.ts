import type { Output } from "../output.ts";
import { barView } from "./bar-view.ts";
import { lineView } from "./line-view.ts";
import { type ProgressView, quietView } from "./view.ts";

/** Bars on a terminal, lines elsewhere, notices alone if that is asked for. */
export function chooseView(
  { json = false, quiet = false }: { readonly json?: boolean; readonly quiet?: boolean },
  output: Output,
): ProgressView {
  // Bars and JSON lines on one terminal would overwrite each other.
  const isShared = json && output.stdout.isTTY;
  if (quiet || isShared) return quietView((line) => output.note(line));
  if (output.stderr.isTTY) return barView(output.stderr);
  return lineView((line) => output.note(line));
}

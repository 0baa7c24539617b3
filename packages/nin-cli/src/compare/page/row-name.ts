import { html } from "hono/html";
import type { Html } from "../../report/section.ts";
import type { ComparisonRow } from "../rows.ts";

/** The first cell of a row: how it is called, and which network it is. */
export function rowName({ label, title }: Pick<ComparisonRow, "label" | "title">): Html {
  return html`<th scope="row" class="long">${label}<small>${title}</small></th>`;
}

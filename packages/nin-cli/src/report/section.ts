import { html } from "hono/html";

/** Markup, safe to put into a page: what `html` has put into it as text is escaped. */
export type Html = ReturnType<typeof html>;

/** A part of a report with a heading of its own. */
export interface Section {
  /** For links to it. */
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** A table under a line about it; it scrolls by itself where the page is too narrow, also with the keyboard. */
export function explained(label: string, about: string, table: Html): Html {
  return html`<p class="about">${about}</p>
<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}

/** Names and what they stand for. */
export function definitions(rows: readonly (readonly [name: string, value: string | Html])[]): Html {
  return html`<dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>`;
}

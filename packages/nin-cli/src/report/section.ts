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

/**
 * A table under a line about it; it scrolls by itself where the page is too narrow, also with the keyboard.
 *
 * @param rows - with many of them it scrolls up and down too
 */
export function explained(label: string, about: string, table: Html, rows = 0): Html {
  const kind = rows > mostRows ? "scroll tall" : "scroll";
  return html`<p class="about">${about}</p>
<div class="${kind}" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}

const mostRows = 40;

/** The first cell of a class's row. */
export function classCell(name: string): Html {
  return name.length > longName
    ? html`<th scope="row" class="long">${name}</th>`
    : html`<th scope="row">${name}</th>`;
}

/** Characters of a name that is broken into lines. */
const longName = 24;

/** The attributes of a picture that is shown as large as fits into a square. */
export function fittedSize(
  { height, width }: { readonly height: number; readonly width: number },
  side: number,
): Html {
  const factor = side / Math.max(height, width);
  const rounded = (length: number) => Math.max(1, Math.round(length * factor));
  return html`width="${rounded(width)}" height="${rounded(height)}"`;
}

/** Names and what they stand for. */
export function definitions(rows: readonly (readonly [name: string, value: string | Html])[]): Html {
  return html`<dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>`;
}

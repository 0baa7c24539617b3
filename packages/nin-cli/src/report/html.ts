/** Markup that is safe to put into a page: made by {@link html}, which escapes everything else. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What stands in a template: markup as it is, text and numbers escaped, lists one after the other. */
export type HtmlPart = Html | string | number | null | undefined | readonly HtmlPart[];

/**
 * Puts text into markup; whatever is not markup is escaped, for elements and for attributes in double quotes.
 *
 *     html`<p title="${title}">${lines.map((line) => html`<b>${line}</b>`)}</p>`
 */
export function html(markup: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(markup.reduce((whole, next, i) => whole + textOf(parts[i - 1]) + next));
}

/** Takes markup of another library as it is. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function textOf(part: HtmlPart): string {
  if (part === null || part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(textOf).join("");
  return String(part).replace(/[&<>"']/g, (character) => escapes[character]!);
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

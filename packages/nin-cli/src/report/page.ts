import { html, raw } from "hono/html";
import { packageVersion } from "nin-net";
import { pageStyle } from "./page-style.ts";
import type { Html, Section } from "./section.ts";

/** A page that needs nothing but itself: no script, no network, no font of its own. */
export interface WholePage {
  /** In the browser's tab. */
  readonly title: string;
  /** Above the links to the sections. */
  readonly header: Html;
  readonly sections: readonly Section[];
  /** CSS of its own, after that of all pages. */
  readonly style?: string;
}

/** @returns an HTML document */
export async function pageHtml({ title, header, sections, style = "" }: WholePage): Promise<string> {
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${raw(pageStyle + style)}</style>
</head>
<body>
${header}
<nav aria-label="Contents"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<main>
${sections.map(
  ({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`,
)}</main>
<footer>Written by nin-net ${packageVersion}.</footer>
</body>
</html>
`;
  return page.toString();
}

import { html, raw } from "hono/html";
import { packageVersion } from "nin-net";
import { pageStyle } from "./page-style.ts";
import { type ReportData, titleOf } from "./report-data.ts";
import { classMapsSection } from "./sections/class-maps.ts";
import { classesSection } from "./sections/classes.ts";
import { confusionSection } from "./sections/confusion.ts";
import { correctSection } from "./sections/correct.ts";
import { curvesSection } from "./sections/curves.ts";
import { detailsSection } from "./sections/details.ts";
import { mistakesSection } from "./sections/mistakes.ts";
import { overview } from "./sections/overview.ts";
import { speedSection } from "./sections/speed.ts";

/**
 * Draws a run as one page that needs nothing but itself: no script, no network, no font of its own.
 *
 * @returns an HTML document
 */
export async function reportHtml(data: ReportData): Promise<string> {
  const title = titleOf(data);
  const { results } = data;
  const sections = [
    await curvesSection(data),
    ...(results === undefined
      ? []
      : [
          confusionSection(results),
          classesSection(results),
          // A network without class maps has none that could be dead.
          ...(results.whyNoMaps === undefined ? [classMapsSection(data, results)] : []),
          mistakesSection(results),
          correctSection(results),
        ]),
    speedSection(data),
    detailsSection(data),
  ];
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}: ${data.run}</title>
<style>${raw(pageStyle)}</style>
</head>
<body>
${overview(data, title)}
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

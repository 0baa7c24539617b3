import { html } from "hono/html";
import { caveatOf } from "nin-net";
import { conjunction, grouped } from "../../report/figures.ts";
import { pageHtml } from "../../report/page.ts";
import type { Html, Section } from "../../report/section.ts";
import type { Comparison } from "../comparison.ts";
import { claimsSection } from "./claims-section.ts";
import { curvesSection } from "./curves-section.ts";
import { disagreementsSection } from "./disagreements-section.ts";
import { pairsSection } from "./pairs-section.ts";
import { recipesSection } from "./recipes-section.ts";
import { resultsSection } from "./results-section.ts";
import { comparisonStyle } from "./style.ts";

/**
 * Draws a comparison as one page that needs nothing but itself.
 *
 * @returns an HTML document
 */
export async function comparisonHtml(comparison: Comparison): Promise<string> {
  const { pairs, claims } = comparison;
  const title = titleOf(comparison);
  const sections: readonly Section[] = [
    resultsSection(comparison),
    await curvesSection(comparison),
    ...(pairs.length > 0 ? [pairsSection(comparison), await disagreementsSection(comparison)] : []),
    ...(claims.length > 0 ? [claimsSection(comparison)] : []),
    recipesSection(comparison),
  ];
  return pageHtml({ title, header: header(comparison, title), sections, style: comparisonStyle });
}

function titleOf({ rows, testSets }: Comparison): string {
  const labels = conjunction(
    rows.map(({ label }) => label),
    6,
  );
  const data = conjunction([...new Set(testSets.map(({ data }) => data.title))], 3);
  return `${labels} on ${data}`;
}

function header({ rows, testSets, notes }: Comparison, title: string): Html {
  const runs = rows.reduce((sum, row) => sum + row.runs.length, 0);
  const caveats = testSets.flatMap(({ data }) => caveatOf(data.name) ?? []);
  return html`<header>
<h1>${title}</h1>
<p class="lead">${grouped(runs)} ${runs === 1 ? "run" : "runs"} side by side</p>
${[...new Set(caveats)].map((caveat) => html`<p class="label">${caveat}</p>\n`)}${noteList(notes)}</header>`;
}

function noteList(notes: readonly string[]): Html {
  const [only] = notes;
  if (only === undefined) return html``;
  if (notes.length === 1) return html`<p class="notice" role="note"><strong>Note:</strong> ${only}</p>\n`;
  return html`<div class="notice" role="note"><strong>Notes</strong>
<ul>${notes.map((note) => html`<li>${note}</li>\n`)}</ul></div>
`;
}

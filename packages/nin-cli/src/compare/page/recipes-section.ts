import { html } from "hono/html";
import { definitions, type Html, type Section } from "../../report/section.ts";
import { trainOptions } from "../../report/sections/details.ts";
import type { Comparison } from "../comparison.ts";
import type { ComparisonRow } from "../rows.ts";

/** How to have every run again. */
export function recipesSection({ rows }: Comparison): Section {
  return {
    id: "recipes",
    title: "Recipes, data and machines",
    body: html`${rows.map(
      (row) => html`<h3>${row.label}</h3>
${definitions(facts(row))}`,
    )}`,
  };
}

function facts({ runs }: ComparisonRow): (readonly [string, string | Html])[] {
  const [{ run, start, testSet }] = runs;
  const { config } = run;
  return [
    [
      runs.length === 1 ? "trained by" : "the first of them",
      html`<code>nin train${trainOptions(config).map((option) => html` <span>${option}</span>`)}</code>`,
    ],
    [
      runs.length === 1 ? "folder" : "folders",
      html`${runs.map((each) => html`<code>${each.run.path}</code> `)}`,
    ],
    ["test images", html`${testSet.data.title}, SHA-256 <code>${testSet.digest}</code>`],
    ["machine", [config.machine, start?.device].filter((part) => part !== undefined).join("; ") || "–"],
  ];
}

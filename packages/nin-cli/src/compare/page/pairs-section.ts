import { html } from "hono/html";
import { grouped } from "../../report/figures.ts";
import { explained, type Section } from "../../report/section.ts";
import type { Comparison } from "../comparison.ts";
import { pText } from "../comparison-text.ts";
import type { Pair } from "../pairs.ts";

/** McNemar's test between every two. */
export function pairsSection({ pairs, rows }: Comparison): Section {
  const table = html`<table>
<thead><tr><th scope="col">first</th><th scope="col" class="words">second</th><th scope="col">both right</th><th scope="col">only the first</th><th scope="col">only the second</th><th scope="col">both wrong</th><th scope="col">p</th><th scope="col" class="words">test</th></tr></thead>
<tbody>
${pairs.map((pair) => {
  const { first, second, bothRight, onlyFirst, onlySecond, bothWrongApart, bothWrongAlike, test } = pair;
  return html`<tr><th scope="row" class="long">${first.label}</th><td class="words">${second.label}</td><td>${grouped(bothRight)}</td><td>${grouped(onlyFirst.length)}</td><td>${grouped(onlySecond.length)}</td><td>${grouped(bothWrongApart.length + bothWrongAlike)}</td><td>${pText(test.p)}</td><td class="words">${methodText(test)}</td></tr>
`;
})}</tbody></table>`;
  return {
    id: "mcnemar",
    title: "McNemar's test",
    body: explained("McNemar's test between every two", about(pairs, rows), table),
  };
}

function methodText({ method, chiSquare }: Pair["test"]): string {
  return method === "exact" ? "exact binomial" : `chi-square ${chiSquare!.toFixed(2)}`;
}

function about(pairs: readonly Pair[], rows: Comparison["rows"]): string {
  const isSeeded = rows.length > 1 && rows.some(({ runs }) => runs.length > 1);
  return [
    "Whether two are right equally often, on the same test images: those that only one of them has right would be shared evenly by chance, and p is how often they would be shared as unevenly as here, or more.",
    "With fewer than 25 of them the test is the exact binomial one, otherwise chi-square with a correction for continuity.",
    ...(isSeeded ? ["Of several seeds the lowest stands for all."] : []),
    ...(pairs.length > 1
      ? [
          `The p values are not adjusted for multiple comparisons: for ${pairs.length} of them, Bonferroni's threshold is ${significant(0.05 / pairs.length)} instead of 0.05.`,
        ]
      : []),
  ].join(" ");
}

function significant(value: number): number {
  return Number(value.toPrecision(2));
}

import { html } from "hono/html";
import { grouped, three } from "../figures.ts";
import { classCell, explained, type Html, type Section } from "../section.ts";
import type { TestResults } from "../test-results.ts";

/** How well each class is told from the others. */
export function classesSection({ evaluation: { confusion, perClass } }: TestResults): Section {
  const table = html`<table>
<thead><tr><th scope="col">class</th><th scope="col">precision</th><th scope="col">recall</th><th scope="col">F1</th><th scope="col">images</th><th scope="col" class="words">most often taken for</th></tr></thead>
<tbody>
${perClass.map(
  (
    { name, precision, recall, f1, support },
    k,
  ) => html`<tr>${classCell(name)}${[precision, recall, f1].map(bar)}<td>${grouped(support)}</td><td class="words">${mostOftenTakenFor(
    confusion[k]!,
    k,
    perClass.map((each) => each.name),
  )}</td></tr>
`,
)}</tbody></table>`;
  return {
    id: "classes",
    title: "Each class",
    body: explained(
      "Precision, recall and F1 by class",
      "Precision: of those said to be of the class, the share that is. Recall: of the class, the share found. F1: their harmonic mean.",
      table,
      perClass.length,
    ),
  };
}

function bar(share: number): Html {
  return html`<td class="bar" style="--share:${share.toFixed(3)}">${three(share)}</td>`;
}

function mostOftenTakenFor(row: readonly number[], own: number, names: readonly string[]): Html {
  const wrong = row
    .map((count, k) => ({ count, k }))
    .filter(({ count, k }) => k !== own && count > 0)
    .sort((a, b) => b.count - a.count || a.k - b.k)
    .slice(0, 2);
  if (wrong.length === 0) return html`–`;
  return html`${wrong.map(({ count, k }, i) => html`${i > 0 ? ", " : ""}<bdi>${names[k]}</bdi> (${grouped(count)})`)}`;
}

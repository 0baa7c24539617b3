import { html } from "hono/html";
import { grouped, three } from "../figures.ts";
import { explained, type Html, type Section } from "../section.ts";
import type { Tested } from "../tested.ts";

/** How well each class is told from the others. */
export function classesSection({ evaluation: { confusion, perClass } }: Tested): Section {
  const table = html`<table>
<thead><tr><th scope="col">class</th><th scope="col">precision</th><th scope="col">recall</th><th scope="col">F1</th><th scope="col">images</th><th scope="col" class="words">most often taken for</th></tr></thead>
<tbody>
${perClass.map(
  (
    { name, precision, recall, f1, support },
    k,
  ) => html`<tr><th scope="row">${name}</th>${[precision, recall, f1].map(bar)}<td>${grouped(support)}</td><td class="words">${mostOftenTakenFor(
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
    ),
  };
}

function bar(share: number): Html {
  return html`<td class="bar" style="--share:${share.toFixed(3)}">${three(share)}</td>`;
}

function mostOftenTakenFor(row: readonly number[], own: number, names: readonly string[]): string {
  const wrong = row
    .map((count, k) => ({ count, k }))
    .filter(({ count, k }) => k !== own && count > 0)
    .sort((a, b) => b.count - a.count || a.k - b.k)
    .slice(0, 2);
  return wrong.length === 0 ? "–" : wrong.map(({ count, k }) => `${names[k]} (${grouped(count)})`).join(", ");
}

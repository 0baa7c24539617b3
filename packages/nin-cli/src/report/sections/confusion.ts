import { html } from "hono/html";
import { grouped } from "../figures.ts";
import { explained, type Html, type Section } from "../section.ts";
import type { Tested } from "../tested.ts";

/** Which class was taken for which. */
export function confusionSection({ evaluation: { confusion, perClass } }: Tested): Section {
  const names = perClass.map(({ name }) => name);
  const mostWrong = Math.max(1, ...confusion.flatMap((row, k) => row.filter((_, column) => column !== k)));
  const table = html`<table class="confusion">
<thead><tr><th scope="col">true class</th>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${confusion.map(
  (row, k) => html`<tr><th scope="row">${names[k]}</th>${row.map((count, column) =>
    cell(count, column === k, column === k ? count / Math.max(1, perClass[k]!.support) : count / mostWrong),
  )}</tr>
`,
)}</tbody></table>`;
  return {
    id: "confusion",
    title: "Confusion matrix",
    body: explained(
      "Confusions by class",
      "A row for each true class, a column for each predicted one. Right ones are shaded by their share of the class, mistakes by their number.",
      table,
    ),
  };
}

function cell(count: number, isRight: boolean, share: number): Html {
  if (count === 0) return html`<td class="none">0</td>`;
  return html`<td class="${isRight ? "right" : "wrong"}" style="--share:${share.toFixed(3)}">${grouped(count)}</td>`;
}

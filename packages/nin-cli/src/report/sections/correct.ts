import { html } from "hono/html";
import { percent } from "../figures.ts";
import { explained, type Section } from "../section.ts";
import type { Tested } from "../tested.ts";

/** Images that came out right, of every class. */
export function correctSection({ evaluation: { perClass }, correct }: Tested): Section {
  const table = html`<table class="correct">
<tbody>
${perClass.map(
  ({ name }, k) => html`<tr><th scope="row">${name}</th><td>${
    correct[k]!.length === 0
      ? html`<span class="none">none</span>`
      : correct[k]!.map(
          ({ picture, index, probabilities }) =>
            html`<span class="sample"><img src="${picture}" alt="Test image ${index}: ${name}" width="56" height="56">${percent(probabilities[k]!)}</span>`,
        )
  }</td></tr>
`,
)}</tbody></table>`;
  return {
    id: "correct",
    title: "Came out right",
    body: explained(
      "Images that came out right",
      "The first of each class that came out right, in the order of the test images, and how sure the network was.",
      table,
    ),
  };
}

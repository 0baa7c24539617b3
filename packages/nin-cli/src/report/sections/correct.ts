import { html } from "hono/html";
import { grouped, percent } from "../figures.ts";
import { classCell, explained, fittedSize, type Section } from "../section.ts";
import type { TestResults } from "../test-results.ts";

/** Images that came out right, of every class. */
export function correctSection({ evaluation: { perClass }, correct, image }: TestResults): Section {
  const size = fittedSize(image, 56);
  const ofMany =
    correct.length < perClass.length
      ? `of the first ${correct.length} of ${grouped(perClass.length)} classes`
      : "class";
  const table = html`<table class="correct">
<tbody>
${perClass.slice(0, correct.length).map(
  ({ name }, k) => html`<tr>${classCell(name)}<td>${
    correct[k]!.length === 0
      ? html`<span class="none">none</span>`
      : correct[k]!.map(
          ({ picture, name: imageName, probabilities }) =>
            html`<span class="sample"><img src="${picture}" alt="${imageName}: ${name}" title="${imageName}" ${size}>${percent(probabilities[k]!)}</span>`,
        )
  }</td></tr>
`,
)}</tbody></table>`;
  return {
    id: "correct",
    title: "Came out right",
    body: explained(
      "Images that came out right",
      `The first of each ${ofMany} that came out right, in the order of the test images, and how sure the network was.`,
      table,
      correct.length,
    ),
  };
}

import { html } from "hono/html";
import { grouped } from "../figures.ts";
import { frequentConfusions } from "../frequent-confusions.ts";
import { classCell, explained, type Html, type Section } from "../section.ts";
import type { TestResults } from "../test-results.ts";

/** Which class was taken for which: every number, or for many classes a picture and the largest numbers. */
export function confusionSection(results: TestResults): Section {
  const section = { id: "confusion", title: "Confusion matrix" };
  const { confusionPicture } = results;
  if (confusionPicture === undefined) return { ...section, body: matrix(results) };
  return { ...section, body: html`${picture(confusionPicture, results)}\n${mostFrequent(results)}` };
}

function matrix({ evaluation: { confusion, perClass } }: TestResults): Html {
  const names = perClass.map(({ name }) => name);
  const mostWrong = Math.max(1, ...confusion.flatMap((row, k) => row.filter((_, column) => column !== k)));
  const table = html`<table class="confusion">
<thead><tr><th scope="col">true class</th>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${confusion.map(
  (row, k) => html`<tr>${classCell(names[k]!)}${row.map((count, column) =>
    cell(count, column === k, column === k ? count / Math.max(1, perClass[k]!.support) : count / mostWrong),
  )}</tr>
`,
)}</tbody></table>`;
  return explained(
    "Confusions by class",
    "A row for each true class, a column for each predicted one. Right ones are shaded by their share of the class, mistakes by their number.",
    table,
  );
}

function cell(count: number, isRight: boolean, share: number): Html {
  if (count === 0) return html`<td class="none">0</td>`;
  return html`<td class="${isRight ? "right" : "wrong"}" style="--share:${share.toFixed(3)}">${grouped(count)}</td>`;
}

/** Pixels of the picture's side, about. */
const pictureSide = 640;

function picture(source: string, { evaluation: { perClass } }: TestResults): Html {
  const classes = perClass.length;
  const side = classes * Math.max(1, Math.round(pictureSide / classes));
  return explained(
    "Picture of the confusion matrix",
    `A row for each of the ${grouped(classes)} true classes, a column for each predicted one, in their order. Right ones are blue, mistakes orange, by their share of the true class.`,
    html`<img class="heat" src="${source}" alt="Confusion matrix of ${grouped(classes)} classes; the table below has its largest mistakes" width="${side}" height="${side}">`,
  );
}

function mostFrequent({ evaluation: { confusion, perClass } }: TestResults): Html {
  const mistakes = frequentConfusions(confusion);
  if (mistakes.length === 0) return html`<p>No class was taken for another.</p>`;
  const table = html`<table>
<thead><tr><th scope="col">true class</th><th scope="col" class="words">taken for</th><th scope="col">images</th><th scope="col">of the class</th></tr></thead>
<tbody>
${mistakes.map(
  ({ count, k, column }) =>
    html`<tr>${classCell(perClass[k]!.name)}<td class="words">${perClass[column]!.name}</td><td>${grouped(count)}</td><td>${((100 * count) / Math.max(1, perClass[k]!.support)).toFixed(0)} %</td></tr>
`,
)}</tbody></table>`;
  return explained("Most frequent confusions", `The ${mistakes.length} most frequent confusions.`, table);
}

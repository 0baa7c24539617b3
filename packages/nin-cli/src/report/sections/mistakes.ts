import { html } from "hono/html";
import { grouped, percent } from "../figures.ts";
import { fittedSize, type Html, type Section } from "../section.ts";
import type { Mistake, TestResults } from "../test-results.ts";

/** The images that are wrong by most, and what in them led there. */
export function mistakesSection(results: TestResults): Section {
  const { confusion } = results.evaluation;
  const { mistakes, scored } = results;
  const section = { id: "mistakes", title: "Worst mistakes" };
  if (scored === 0) {
    const text = "The network's scores are not numbers: its weights have grown without bound.";
    return { ...section, body: html`<p>${text}</p>` };
  }
  if (mistakes.length === 0) return { ...section, body: html`<p>None: every test image came out right.</p>` };
  const wrong = confusion.reduce((sum, row, k) => sum + row.reduce((a, b) => a + b, 0) - row[k]!, 0);
  const shown = `Of ${grouped(wrong)} ${wrong === 1 ? "mistake" : "mistakes"} the ${mistakes.length} with the least probable true class.`;
  return {
    ...section,
    body: html`<p>${shown} ${aboutMaps(results)}</p>
<div class="mistakes">
${mistakes.map((mistake) => card(mistake, results))}</div>`,
  };
}

function aboutMaps({ evaluation: { perClass }, mistakes, whyNoMaps }: TestResults): string {
  if (whyNoMaps !== undefined) {
    return "This network has no class maps that would show what speaks for a class: its scores are not the averages of maps.";
  }
  const shown = mistakes[0]!.maps.length;
  const maps =
    shown < perClass.length
      ? `The maps of the most probable classes and the true one`
      : `The ${shown} maps of an image`;
  return (
    "Each class has a map, whose average is the class's score; laid over the image, bright parts of it speak for " +
    `the class. ${maps} share one scale, from black for 0 to pale yellow, or with negative values from blue to red; the predicted class's is framed orange, the true one's blue.`
  );
}

function card(mistake: Mistake, { evaluation: { perClass }, image }: TestResults): Html {
  const { name: imageName, label, predicted, probabilities, picture, forPredicted, forTrue, maps } = mistake;
  const said = perClass[predicted]!.name;
  const truth = perClass[label]!.name;
  const size = fittedSize(image, 112);
  const overlays = [
    [forPredicted, predicted, said],
    [forTrue, label, truth],
  ] as const;
  return html`<figure class="mistake">
<figcaption><strong dir="auto">${truth}</strong> taken for <strong dir="auto">${said}</strong></figcaption>
<div class="three">
${view(picture, `${imageName}, of class ${truth}`, html`<bdi>${imageName}</bdi>`, size)}
${overlays.map(([overlay, k, name]) => {
  const words = html`for <bdi>${name}</bdi> <b>${percent(probabilities[k]!)}</b>`;
  return overlay === undefined
    ? html`<div><span>${words}</span></div>\n`
    : html`${view(overlay, `What speaks for ${name}`, words, size)}\n`;
})}</div>
${maps.length === 0 ? "" : strip(mistake, (k) => perClass[k]!.name)}</figure>
`;
}

function strip({ maps, predicted, label }: Mistake, nameOf: (classIndex: number) => string): Html {
  return html`<ol class="maps" aria-label="Class maps">
${maps.map(
  ({ index: k, picture, score, ...size }) =>
    html`<li${k === predicted ? html` class="predicted"` : k === label ? html` class="true"` : ""}><img src="${picture}" alt="Class map of ${nameOf(k)}, score ${score.toFixed(2)}" ${fittedSize(size, 40)}><span aria-hidden="true">${nameOf(k)}</span></li>
`,
)}</ol>
`;
}

function view(source: string, description: string, words: Html, size: Html): Html {
  return html`<div><img src="${source}" alt="${description}" ${size}><span>${words}</span></div>`;
}

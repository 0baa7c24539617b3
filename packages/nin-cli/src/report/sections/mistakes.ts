import { html } from "hono/html";
import { grouped, percent } from "../figures.ts";
import type { Html, Section } from "../section.ts";
import type { Mistake, Tested } from "../tested.ts";

/** The images that are wrong by most, and what in them led there. */
export function mistakesSection({ evaluation: { perClass, confusion }, mistakes, judged }: Tested): Section {
  const section = { id: "mistakes", title: "Worst mistakes" };
  if (judged === 0) {
    const text = "The network's scores are not numbers: its weights have grown without bound.";
    return { ...section, body: html`<p>${text}</p>` };
  }
  if (mistakes.length === 0) return { ...section, body: html`<p>None: every test image came out right.</p>` };
  const names = perClass.map(({ name }) => name);
  const wrong = confusion.reduce((sum, row, k) => sum + row.reduce((a, b) => a + b, 0) - row[k]!, 0);
  return {
    ...section,
    body: html`<p>Of ${grouped(wrong)} ${wrong === 1 ? "mistake" : "mistakes"} the ${mistakes.length} whose true class was held least likely. Each class has a map, whose average is the class's score; laid over the image, bright parts of it speak for the class. The ten maps of an image share one scale, from black for 0 to pale yellow; the predicted class's is framed orange, the true one's blue.</p>
<div class="mistakes">
${mistakes.map((mistake) => card(mistake, names))}</div>`,
  };
}

function card(mistake: Mistake, names: readonly string[]): Html {
  const { index, label, predicted, probabilities, picture, forPredicted, forTrue, maps } = mistake;
  const said = names[predicted]!;
  const truth = names[label]!;
  return html`<figure class="mistake">
<figcaption><strong>${truth}</strong> taken for <strong>${said}</strong></figcaption>
<div class="three">
${view(picture, `Test image ${index}, of class ${truth}`, html`test image ${index}`)}
${view(forPredicted, `What speaks for ${said}`, html`for ${said} <b>${percent(probabilities[predicted]!)}</b>`)}
${view(forTrue, `What speaks for ${truth}`, html`for ${truth} <b>${percent(probabilities[label]!)}</b>`)}
</div>
<ol class="maps" aria-label="Class maps">
${maps.map(
  (
    { picture: map, score },
    k,
  ) => html`<li${k === predicted ? html` class="predicted"` : k === label ? html` class="true"` : ""}><img src="${map}" alt="Class map of ${names[k]}, score ${score.toFixed(2)}" width="40" height="40"><span aria-hidden="true">${names[k]}</span></li>
`,
)}</ol>
</figure>
`;
}

function view(source: string, description: string, words: Html): Html {
  return html`<div><img src="${source}" alt="${description}" width="112" height="112"><span>${words}</span></div>`;
}

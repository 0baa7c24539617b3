import { html } from "hono/html";
import { grouped, percent } from "../../report/figures.ts";
import { fittedSize, type Html, type Section } from "../../report/section.ts";
import { imageName, testPicture } from "../../report/test-picture.ts";
import type { Comparison } from "../comparison.ts";
import type { Pair, Side } from "../pairs.ts";

/** Images that are shown of one kind, with two runs; of many pairs fewer. */
const mostOfAKind = 6;
const mostOnThePage = 180;
/** Pixels of a picture's longer side. */
const side = 72;

/** Images that two runs take for different classes, with both answers. */
export async function disagreementsSection({ pairs }: Comparison): Promise<Section> {
  const perKind = Math.max(1, Math.min(mostOfAKind, Math.floor(mostOnThePage / (3 * pairs.length))));
  const parts = await Promise.all(pairs.map((pair) => part(pair, perKind)));
  return {
    id: "disagreements",
    title: "Where two disagree",
    body: html`<p class="about">Images that two runs take for different classes, in the order of the test set: not chosen by what they show.</p>
${parts}`,
  };
}

async function part(pair: Pair, perKind: number): Promise<Html> {
  const { first, second, onlyFirst, onlySecond, bothWrongApart } = pair;
  const kinds = [
    [`Only ${first.label} is right`, onlyFirst],
    [`Only ${second.label} is right`, onlySecond],
    ["Both are wrong, in different ways", bothWrongApart],
  ] as const;
  const groups = await Promise.all(
    kinds
      .filter(([, images]) => images.length > 0)
      .map(async ([title, images]) => {
        const cards = await Promise.all(images.slice(0, perKind).map((index) => card(pair, index)));
        return html`<p>${title}: ${countText(images.length, cards.length)}</p>
<div class="disagreements">
${cards}</div>
`;
      }),
  );
  const all = onlyFirst.length + onlySecond.length + bothWrongApart.length;
  return html`<h3>${first.label} and ${second.label}: ${grouped(all)} of ${grouped(pair.images)} images</h3>
${groups.length === 0 ? html`<p>None: they give every image the same class.</p>\n` : groups}`;
}

function countText(count: number, shown: number): string {
  const images = `${grouped(count)} ${count === 1 ? "image" : "images"}`;
  return shown < count ? `${images}, of which the first ${shown}.` : `${images}.`;
}

async function card({ first, second }: Pair, index: number): Promise<Html> {
  const { split, data } = first.run.testSet;
  const label = split.labels[index]!;
  const truth = data.classes[label]!;
  const name = imageName(split, index);
  return html`<figure class="disagreement"><img src="${await testPicture(split, index)}" alt="${name}, of class ${truth}" ${fittedSize(split, side)}>
<figcaption><p><strong dir="auto">${truth}</strong></p>
${answer(first, index, label, data.classes)}
${answer(second, index, label, data.classes)}
<p class="about"><bdi>${name}</bdi></p></figcaption></figure>
`;
}

function answer({ label: name, run }: Side, index: number, truth: number, classes: readonly string[]): Html {
  const { classes: answers, probabilities } = run.answers;
  const k = answers[index]!;
  return html`<p class="${k === truth ? "hit" : "miss"}">${name}: <bdi>${classes[k]!}</bdi>, ${percent(probabilities[index]!)}</p>`;
}

import { html } from "hono/html";
import { areMapsDead, type DeadClassMapsEvent } from "nin-net";
import { conjunction, grouped, three } from "../figures.ts";
import type { ReportData } from "../report-data.ts";
import type { Section } from "../section.ts";
import type { TestResults } from "../test-results.ts";

/** Whether all class maps are alive: the last ReLU can shut one for good. */
export function classMapsSection({ events }: ReportData, { evaluation }: TestResults): Section {
  const { perClass, silentClasses } = evaluation;
  const names = silentClasses.map((k) => perClass[k]!.name);
  const total = perClass.reduce((sum, { support }) => sum + support, 0);
  const lost = silentClasses.reduce((sum, k) => sum + perClass[k]!.support, 0);
  const isOne = names.length === 1;
  const count = `${names.length} of ${perClass.length} class maps`;
  const now =
    names.length > 0 && !areMapsDead(evaluation)
      ? html`<p>Nothing has been learned yet: the test loss is ${three(evaluation.testLossNats)}, as of guessing among ${perClass.length} classes. ${count} ${isOne ? "gives" : "give"} 0 for every test image so far: ${conjunction(names)}.</p>`
      : names.length === 0
        ? html`<p>Each of the ${grouped(perClass.length)} class maps answers to some test image: none is dead.</p>`
        : html`<p><strong>${count} ${isOne ? "is" : "are"} dead: ${conjunction(names)}.</strong> The last ReLU gives 0 there for every test image, so ${isOne ? "it no longer learns" : "they no longer learn"}, and hardly more than ${((100 * (total - lost)) / total).toFixed(0)} % of the images can come out right. Start again with another seed or a lower learning rate.</p>`;
  const before = spans(events.filter((event) => event.kind === "deadClassMaps"));
  return {
    id: "class-maps",
    title: "Dead class maps",
    body: html`${now}
${before.length === 0 ? "" : html`<ul>${before.map(({ from, to, classes }) => html`<li>after epoch ${from === to ? from : `${from} to ${to}`}: ${classes}</li>`)}</ul>`}`,
  };
}

/** Epochs in a row with the same dead maps. */
function spans(events: readonly DeadClassMapsEvent[]): { from: number; to: number; classes: string }[] {
  const found: { from: number; to: number; classes: string }[] = [];
  for (const event of events) {
    const classes = conjunction(event.classes);
    const last = found.at(-1);
    if (last?.classes === classes && last.to === event.epoch - 1) last.to = event.epoch;
    else found.push({ from: event.epoch, to: event.epoch, classes });
  }
  return found;
}

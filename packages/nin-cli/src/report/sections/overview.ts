import { html } from "hono/html";
import { caveatsOf, isSynthetic, type Recipe } from "nin-net";
import { duration, grouped, rate, three } from "../figures.ts";
import { epochsOf, type ReportData, startOf } from "../report-data.ts";
import type { Html } from "../section.ts";

/** The page's head: what was trained, how far it came, the figures that are asked for first. */
export function overview(data: ReportData, title: string): Html {
  const { config, run, results, events } = data;
  const last = epochsOf(data).at(-1);
  const done = events.findLast((event) => event.kind === "done");
  const figures: readonly (readonly [name: string, value: string])[] = [
    ["test accuracy", three(results?.evaluation.testAccuracy ?? last?.testAccuracy)],
    ["test loss (nats)", three(results?.evaluation.testLossNats ?? last?.testLossNats)],
    ["train accuracy", three(last?.trainAccuracy ?? done?.trainAccuracy)],
    ["train loss (nats)", three(last?.trainLossNats ?? done?.trainLossNats)],
    ["images a second", done || last ? rate((done ?? last)!.imagesPerSecond) : "–"],
    ["time", done || last ? duration(secondsOf(data)) : "–"],
  ];
  const notes = notesAtEnd(data);
  const label = labelOf(config.recipe);
  return html`<header>
<h1>${title}</h1>
<p class="lead">${run}: ${progressOf(data)}</p>
${label === null ? "" : html`<p class="label">${label}</p>\n`}<dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${notes.map((message) => html`<p class="notice" role="note"><strong>Note:</strong> ${message}</p>\n`)}</header>`;
}

/** What the images are, where they are not those of the whole data set. */
function labelOf(recipe: Recipe): string | null {
  if (isSynthetic(recipe.dataset))
    return [
      "Synthetic images, not Fashion-MNIST: results on them say nothing about it.",
      ...caveatsOf({ ...recipe, dataset: "" }).map(asSentence),
    ].join(" ");
  const caveats = caveatsOf(recipe);
  if (caveats.length === 0) return null;
  return `${caveats.map(asSentence).join(" ")} Results may differ from those on all images.`;
}

function asSentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

/** What a person should know of the run as it stands now: how it broke off, what the last epoch showed. */
function notesAtEnd({ events }: ReportData): string[] {
  const last = events.findLastIndex((event) => event.kind === "epoch");
  return events.slice(last + 1).flatMap((event) => ("message" in event ? [event.message] : []));
}

function progressOf(data: ReportData): string {
  const { epochs } = data.config.recipe;
  const finished = epochsOf(data).length;
  const images = startOf(data)?.trainImages;
  const each = images === undefined ? "" : ` over ${grouped(images)} images`;
  const so = `${finished} of ${epochs} ${epochs === 1 ? "epoch" : "epochs"}${each}`;
  const end = data.events.at(-1);
  if (end?.kind !== "done") return `${so} so far`;
  if (end.reason === "finished") return so;
  const step = data.events.findLast((event) => event.kind === "step");
  if (step === undefined || step.epoch === finished) return `${so}, then ${end.reason}`;
  return `${so}, then ${end.reason} in epoch ${step.epoch} after step ${step.step} of ${step.steps}`;
}

/** The whole run's duration, time between stops and resumes left out. */
function secondsOf(data: ReportData): number {
  const end = data.events.at(-1);
  if (end?.kind === "done") return end.seconds;
  return epochsOf(data).reduce((sum, { seconds }) => sum + seconds, 0);
}

import { passListOf, resizeText } from "nin-net";
import type { RunConfig } from "../../runs/run-folder.ts";
import { grouped } from "../figures.ts";
import { html } from "../html.ts";
import { type ReportData, startOf } from "../report-data.ts";
import { definitions, type Section } from "../section.ts";

/** What decides the result, so that it can be had again. */
export function detailsSection(data: ReportData): Section {
  const { config, dataset } = data;
  const { recipe, versions, datasetChecksum } = config;
  const start = startOf(data);
  const count = (images: number | undefined) => (images === undefined ? "–" : grouped(images));
  return {
    id: "details",
    title: "Recipe, data and versions",
    body: html`<h3>Recipe</h3>
${definitions([
  ["network", start ? `${start.net}, ${grouped(start.parameters)} parameters` : recipe.net],
  ["epochs", grouped(recipe.epochs)],
  ["batch size", grouped(recipe.batchSize)],
  ["learning rate", String(recipe.lr)],
  ["momentum", String(recipe.momentum)],
  ["image size", resizeText(recipe.resize)],
  ["seed", String(recipe.seed)],
  [
    "the same again",
    html`<code>nin train${trainOptions(config).map((each) => html` <span>${each}</span>`)}</code>`,
  ],
])}
<h3>Data</h3>
${definitions([
  ["data set", dataset],
  ["images", `${count(start?.trainImages)} to train on, ${count(start?.testImages)} to test on`],
  ["SHA-256", html`<code>${datasetChecksum ?? "not taken"}</code>`],
])}
<h3>Versions</h3>
${definitions(Object.entries(start?.versions ?? versions))}`,
  };
}

/** The options of `nin train` that train so again, each with its value. */
export function trainOptions({ recipe, withoutPasses = [] }: RunConfig): string[] {
  const { net, dataset, epochs, batchSize, lr, momentum, resize, limit, seed } = recipe;
  const options = {
    net,
    dataset,
    epochs,
    "batch-size": batchSize,
    lr,
    momentum,
    resize,
    limit: limit ?? "all",
    seed,
    ...(withoutPasses.length > 0 && { passes: passListOf(withoutPasses) }),
  };
  return Object.entries(options).map(([name, value]) => `--${name} ${value}`);
}

import { html } from "hono/html";
import { type AugmentationSettings, passListOf, resizeText, type ScheduleSettings } from "nin-net";
import { growthOf } from "../../options/growth.ts";
import { optionName } from "../../options/values.ts";
import type { RunConfig } from "../../runs/run-folder.ts";
import { learningRateText, optimizerText } from "../../terminal/progress/sentences.ts";
import { grouped } from "../figures.ts";
import { type ReportData, startOf } from "../report-data.ts";
import { definitions, type Html, type Section } from "../section.ts";

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
  ["learning rate", learningRateText(recipe)],
  ["optimizer", optimizerText(recipe.optimizer)],
  ["image size", resizeText(recipe.resize)],
  ...originRows(config),
  ["seed", String(recipe.seed)],
  [
    "the same again",
    html`<code>nin train${trainOptions(config).map((each) => html` <span>${each}</span>`)}</code>`,
  ],
])}
<h3>Data</h3>
${definitions([
  ["data set", dataset],
  ...pictureRows(config),
  [
    "images",
    `${count(start?.trainImages)} to train on, ${recipe.testLimit === null ? "" : "the first "}${count(start?.testImages)} to test on`,
  ],
  ["SHA-256", html`<code>${datasetChecksum ?? "not taken"}</code>`],
])}
<h3>Versions</h3>
${definitions(Object.entries(start?.versions ?? versions))}`,
  };
}

/** Where the pictures of one's own lie and what was made of them. */
function pictureRows({ pictures, image }: RunConfig): [name: string, value: string][] {
  if (pictures === undefined || image === undefined) return [];
  const { path, preparation, testShare } = pictures;
  return [
    ["path", path],
    ["size of the pictures", `${resizeText([image.height, image.width])}, --grow ${growthOf(preparation)}`],
    ["channels", image.channels === 1 ? "1, grey" : "3, red, green and blue"],
    ["tested on", testShare === null ? "as the pictures lie" : `a share of ${testShare}, by their content`],
  ];
}

/** Which weights it was begun from, if not fresh ones. */
function originRows({ weightsOrigin }: RunConfig): [name: string, value: Html][] {
  if (weightsOrigin === undefined) return [];
  const { path, sha256, newHead } = weightsOrigin;
  return [
    ["initial weights", html`${path}${newHead ? ", with a new head" : ""}, SHA-256 <code>${sha256}</code>`],
  ];
}

/** The options of `nin train` that train so again, each with its value. */
export function trainOptions(config: RunConfig): string[] {
  const { recipe, withoutPasses = [], weightsOrigin } = config;
  const { net, netOptions, dataset, epochs, batchSize, lr, warmup, clip, ema, resize, limit, testLimit } =
    recipe;
  const { slice, seed } = recipe;
  const { name, ...settings } = recipe.optimizer;
  // In an order of its own: a recipe read from a file may have another than the one that was trained.
  const options: Record<string, unknown> = {
    net,
    ...Object.fromEntries(Object.entries(netOptions).map(([key, value]) => netOption(key, value))),
    dataset,
    epochs,
    batchSize,
    lr,
    optimizer: name,
    ...settings,
    schedule: scheduleText(recipe.schedule),
    warmup,
    labelSmoothing: recipe.labelSmoothing || null,
    classWeights: recipe.classWeights === null ? null : "balanced",
    clip,
    ema,
    augment: recipe.augment.length > 0 ? recipe.augment.map(augmentationText).join(",") : null,
    normalize: recipe.mean !== null,
    resize,
    limit: limit ?? "all",
    testLimit,
    slice,
    seed,
    ...pictureOptions(config),
    ...(weightsOrigin && { from: weightsOrigin.path, newHead: weightsOrigin.newHead }),
    ...(withoutPasses.length > 0 && { passes: passListOf(withoutPasses) }),
  };
  return Object.entries(options)
    .filter(([, value]) => value !== false && value !== null)
    .map(([key, value]) => (value === true ? optionName(key) : `${optionName(key)} ${value}`));
}

/** Of pictures of one's own; their usual preset has settings that no option takes away. */
function pictureOptions({ pictures, image }: RunConfig): Record<string, unknown> {
  if (pictures === undefined || image === undefined) return {};
  const { height, width, channels } = image;
  return {
    preset: "tutorial",
    dataset: pictures.path,
    size: `${height}x${width}`,
    grow: growthOf(pictures.preparation),
    channels,
    testShare: pictures.testShare,
  };
}

/** A switch that is off is the option `--no-...`. */
function netOption(key: string, value: unknown): [option: string, value: unknown] {
  if (value === false) return [`no${key[0]!.toUpperCase()}${key.slice(1)}`, true];
  return [key, Array.isArray(value) ? value.join(",") : value];
}

/** `flip`, or `shift:2`, as `--augment` takes it. */
function augmentationText({ name, ...settings }: AugmentationSettings): string {
  return [name, ...Object.values(settings)].join(":");
}

/** `cosine`, or `step:epochs=3,gamma=0.1`, as `--schedule` takes it. */
function scheduleText({ name, ...settings }: ScheduleSettings): string {
  const pairs = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return pairs.length > 0 ? `${name}:${pairs.join(",")}` : name;
}

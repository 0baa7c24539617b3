// node bench/gpu.mjs: nin-net's training step on the GPU, kernel by kernel, beside PyTorch's. See --help.
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { readCommandLine } from "./gpu/options.mjs";
import { aboutHere, checkBuilt, runWith, storeImages, writeReport } from "./here.mjs";
import { race } from "./race.mjs";

await runWith(readCommandLine, bench);

async function bench(settings) {
  checkBuilt();
  const { kernelsOf } = await import("./gpu/kernels.mjs");
  const { reportOf } = await import("./gpu/report.mjs");
  const [batch] = settings.batches;
  const measured = await measureAllKernels(settings);
  const kernels = kernelsOf(batch, settings.resize, measured);
  const result = await measureSteps(settings, measured);
  for (const [precision, list] of Object.entries(kernels)) {
    if (measured[precision]?.rows && list[0].measured === undefined)
      result.notMeasured.push(`Kernels, ${precision}: the batch ran in slices, which are not those below.`);
  }
  const about = { ...(await aboutHere()), ...settings, images: result.images };
  const report = reportOf({ about, measured, kernels, ...result });
  console.log(report);
  if (settings.write) writeReport("gpu", "docs/gpu-performance.md", report);
}

async function measureAllKernels({ precisions, batches: [batch], ...settings }) {
  const { measureKernels } = await import("./gpu/kernels.mjs");
  const measured = {};
  for (const precision of precisions) {
    measured[precision] = await measureKernels(precision, batch, settings);
    note(`kernels, ${precision}: ${measured[precision].missing ?? "measured"}`);
  }
  return measured;
}

/** Everything but single kernels; nothing where no precision can be had. */
async function measureSteps(settings, measured) {
  const precisions = settings.precisions.filter((precision) => measured[precision].description);
  const result = { rows: [], recipes: [], notMeasured: reasonsIn(measured) };
  if (precisions.length > 0)
    Object.assign(result, await raceAll({ ...settings, precisions }, result.notMeasured));
  if (precisions.length > 0 || settings.quick) {
    if (settings.withRecipe) result.recipes = await trainAll(settings, precisions, result.notMeasured);
    else result.notMeasured.push("The whole recipe: it takes --recipe.");
  }
  return result;
}

/** What is missing, in sentences: in one where no precision can be had, for the same reason. */
function reasonsIn(measured) {
  const all = Object.entries(measured);
  const [[, { missing: reason }]] = all;
  if (all.every(([, { description, missing }]) => !description && missing === reason)) return [reason];
  const what = (description) => (description ? "Kernels" : "nin-net");
  return all
    .filter(([, { missing }]) => missing)
    .map(([precision, { description, missing }]) => `${what(description)}, ${precision}: ${missing}`);
}

/** Steps of everyone, batch after batch: processes that wait still hold memory. */
async function raceAll(settings, notMeasured) {
  const { contestants, tableOf } = await import("./gpu/contestants.mjs");
  const folder = mkdtempSync(join(os.tmpdir(), "nin-bench-"));
  try {
    const file = join(folder, "images");
    const images = await storeImages(file, Math.max(...settings.batches));
    const { list, missing } = contestants(settings, file);
    if (missing) notMeasured.push(missing);
    const rows = [];
    for (const batch of settings.batches) {
      const entries = list.filter(({ table }) => table === tableOf(batch));
      const result = await race(entries, settings.rounds, note);
      rows.push(...result.rows);
      notMeasured.push(...result.failed);
    }
    return { images, rows };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function trainAll(settings, precisions, notMeasured) {
  const { loadDataset } = await import("../packages/nin-net/dist/data/load-dataset.js");
  const { trainRecipe } = await import("./gpu/recipe.mjs");
  const recipes = [];
  for (const precision of settings.quick ? ["f32"] : precisions) {
    const label = `The whole recipe, ${precision}`;
    try {
      // What may have to be downloaded is no part of the time.
      if (!settings.quick) await loadDataset("fashion-mnist");
      recipes.push(await trainRecipe(precision, settings.recipe, (line) => note(`${label}: ${line}`)));
    } catch (error) {
      notMeasured.push(`${label}: ${error.message}`);
      note(`cannot: ${notMeasured.at(-1)}`);
    }
  }
  return recipes;
}

function note(line) {
  console.error(line);
}

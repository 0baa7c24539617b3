// What was measured on the GPU, and what its kernels should need, as Markdown.
import { comparison, count, digits, markdownTable } from "../report.mjs";
import { nameOf, peerName, tableOf } from "./contestants.mjs";
import { memoryOf, rowsOf, totalOf } from "./kernels.mjs";

/** How many times PyTorch's speed a training step is to reach. */
const leastRatio = { f32: 0.5, f16: 1 };
/** How long the tutorial's ten epochs may take. */
const mostRecipeSeconds = 180;
/** Rows of the table of kernels that are shown one by one. */
const shownKernels = 24;
const unknown = "–";

/**
 * @param about - date, machine, commit, version, images and settings of the run
 * @param measured - for each precision what measureKernels() gave
 * @param kernels - as kernelsOf() gives them
 * @param rows - as race() gives them
 * @param recipes - as trainRecipe() gives them
 * @param notMeasured - sentences
 */
export function reportOf({ about, measured, kernels, rows, recipes, notMeasured }) {
  return [
    ...heading(about, measured, rows, notMeasured),
    ...["### Targets", "", ...targetTable(about, rows, recipes), ""],
    ...about.batches.flatMap((batch) => batchTable(batch, rows)),
    ...recipeTable(recipes),
    ...["### Kernels of a training step", "", ...kernelSection(about, measured, kernels), ""],
  ].join("\n");
}

function heading(about, measured, rows, notMeasured) {
  const { date, machine, commit, version, images, rounds } = about;
  const gpus = [...new Set(Object.values(measured).flatMap(({ description }) => description ?? []))];
  const peers = [...new Set(rows.filter(isPeer).map(({ device }) => device))];
  const byWhom = `by \`node bench/gpu.mjs\` on ${machine}, nin-net ${version}, commit ${commit}`;
  return [
    ...(about.quick ? ["**A rehearsal: its figures mean nothing.**", ""] : []),
    gpus.length > 0
      ? `Measured on ${date} ${byWhom}: ${[...gpus, ...peers].join(", ")}; ${images}, ${count(rounds, "interleaved round")} after a warm-up.`
      : `Written on ${date} ${byWhom}. **Nothing was measured on a GPU.**`,
    "",
    ...(notMeasured.length > 0 ? ["Not measured:", "", ...notMeasured.map((line) => `- ${line}`), ""] : []),
  ];
}

const isPeer = ({ name }) => name.startsWith(peerName);

/** Each target. @returns lines of [target, what is wanted, what was measured, verdict] */
export function verdicts({ batches, quick = false }, rows, recipes) {
  const speeds = batches.flatMap((batch) =>
    Object.entries(leastRatio).map(([precision, least]) => {
      const speed = (name) => rows.find((row) => row.table === tableOf(batch) && row.name === name)?.median;
      const ratio = speed(nameOf(precision)) / speed(peerName);
      const wanted = `at least ${least.toFixed(1)} times PyTorch`;
      const got = Number.isNaN(ratio) ? undefined : `${ratio.toFixed(2)} times`;
      return [`training step, batch ${batch}, ${precision}`, wanted, got, ratio >= least];
    }),
  );
  const times = Object.keys(leastRatio).map((precision) => {
    const run = recipes.find((recipe) => recipe.precision === precision);
    const got = run && `${run.processSeconds.toFixed(0)} s`;
    const isMet = run?.reason === "finished" && run.processSeconds < mostRecipeSeconds;
    return [`the tutorial's ten epochs, ${precision}`, `under ${mostRecipeSeconds} s`, got, isMet];
  });
  const verdict = (isMet) => (quick ? "rehearsed" : isMet ? "met" : "**not met**");
  return [...speeds, ...times].map(([target, wanted, got, isMet]) =>
    got === undefined ? [target, wanted, unknown, "not measured"] : [target, wanted, got, verdict(isMet)],
  );
}

function targetTable(about, rows, recipes) {
  return markdownTable(["target", "wanted", "measured", "verdict"], verdicts(about, rows, recipes), 4);
}

function batchTable(batch, rows) {
  const own = rows.filter(({ table }) => table === tableOf(batch));
  if (own.length === 0) return [];
  return [`### Training step, batch ${batch}`, "", ...comparison(own, { hasMemory: false }), ""];
}

function recipeTable(recipes) {
  if (recipes.length === 0) return [];
  const [{ epochs, dataset }] = recipes;
  return [
    `### The whole recipe: ${count(epochs, "epoch")} on ${dataset}`,
    "",
    ...markdownTable(
      ["", "from start to exit", "images/s", "test accuracy", "train accuracy", "dead class maps", "ended"],
      recipes.map((run) => [
        nameOf(run.precision),
        `${run.processSeconds.toFixed(1)} s`,
        digits(run.imagesPerSecond),
        ...[run.testAccuracy, run.trainAccuracy].map((share) => share?.toFixed(3) ?? unknown),
        run.deadMaps,
        run.reason,
      ]),
    ),
    "",
  ];
}

function kernelSection(about, measured, kernels) {
  const [batch] = about.batches;
  const rows = rowsOf(kernels);
  const precisions = Object.keys(kernels);
  const memories = precisions.map(
    (precision) => `${(memoryOf(kernels[precision]) / 2 ** 30).toFixed(2)} GiB in ${precision}`,
  );
  const expected = totalOf(rows);
  const speed = (precision) => `${digits(batch / expected[precision].least)} images/s in ${precision}`;
  const { seconds } = measured.f32 ?? {};
  return [
    `A training step of batch ${batch} is ${kernels.f32.length} kernels; activations and scratch share ${memories.join(", ")}. If each took no more than its least time below, that would be ${precisions.map(speed).join(", ")}.${seconds === undefined ? "" : ` The step took ${(1000 * seconds).toFixed(2)} ms while every kernel was timed.`}`,
    "",
    ...kernelTable(rows, precisions),
  ];
}

/** The slowest kernels by their expected time, and all others in one line. */
function kernelTable(rows, precisions) {
  const rest = rows.slice(shownKernels);
  const head = [
    ...["kernel", "result", "runs", "workgroups", "GFLOP"],
    ...precisions.flatMap((name) => [`${name}: MB`, "at least, µs", "measured, µs"]),
  ];
  const line = ({ kernel, result = "", runs, workgroups = [], flops, ...row }) => [
    ...[kernel, result, runs, [...workgroups].join(", "), (flops / 1e9).toFixed(2)],
    ...precisions.flatMap((name) => costCells(row[name])),
  ];
  const lines = [
    ...rows.slice(0, shownKernels),
    ...(rest.length > 0 ? [{ kernel: `${rest.length} more`, ...totalOf(rest) }] : []),
    { kernel: "together", ...totalOf(rows) },
  ];
  return markdownTable(head, lines.map(line), 2);
}

function costCells(cost) {
  if (cost === undefined) return ["", "", ""];
  const microseconds = (seconds) => (seconds === undefined ? unknown : (1e6 * seconds).toFixed(1));
  return [(cost.bytes / 1e6).toFixed(1), microseconds(cost.least), microseconds(cost.measured)];
}

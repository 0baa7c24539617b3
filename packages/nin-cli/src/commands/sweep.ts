import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { type Dataset, defaultThreads, gather, isSynthetic } from "nin-net";
import { type RunRecord, readRun } from "../compare/run-record.ts";
import { type DataOptions, type DeviceOptions, openRequested } from "../options/common-options.ts";
import { folder, wholeNumber } from "../options/values.ts";
import { conjunction, duration } from "../report/figures.ts";
import { amongRanks, type Ranks } from "../runs/ranks.ts";
import { logName } from "../runs/run-path.ts";
import { type RunState, runStateOf } from "../runs/run-state.ts";
import { loadTrainingData } from "../runs/training-data.ts";
import { estimates } from "../sweep/estimates.ts";
import { configurationsOf, type ValueLists } from "../sweep/grid.ts";
import { readList } from "../sweep/list-file.ts";
import { type OptionValue, optionValues } from "../sweep/option-values.ts";
import { type PlannedRun, plannedRuns } from "../sweep/planned-run.ts";
import { addRunOptions, givenTexts, type RunOption, usualOptions } from "../sweep/run-option.ts";
import { outcomeBefore, type RunOutcome, trainQueued } from "../sweep/run-queue.ts";
import { arrayShare, sharedAgain, shareOf } from "../sweep/share.ts";
import {
  keepRuns,
  type PlacedRun,
  type PlacedSweep,
  placedRuns,
  settingWords,
} from "../sweep/sweep-folder.ts";
import { ExitStatus, UsageError } from "../terminal/exit-status.ts";
import { grouped, quoted, tableLines } from "../terminal/format.ts";
import { examples } from "../terminal/help.ts";
import { programCall } from "../terminal/invocation.ts";
import type { Output } from "../terminal/output.ts";
import { runsView } from "../terminal/progress/runs-view.ts";
import { counted } from "../terminal/progress/sentences.ts";
import { listenForStop, type StopSignal } from "../terminal/stop-signal.ts";
import { type ComparisonOptions, compareTrained } from "./compare-trained.ts";

interface SweepOptions {
  readonly out: string;
  readonly jobs: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Options of the runs that hold for comparing them too, where all runs have the same. */
const comparedBy = ["dataDir", "verify", "device", "precision", "threads", "simd"];

/** What a call asks for. */
interface SweepRequest extends SweepOptions {
  readonly runs: readonly PlannedRun[];
  /** How and where runs are computed: options of `nin train` that are the same for all. */
  readonly conditions: readonly string[];
  readonly comparing: DataOptions & DeviceOptions;
}

type SweepRun = PlacedRun<PlannedRun>;

/** `nin sweep`: trains many runs, several at a time, and compares them. */
export function sweepCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  const command = new Command("sweep")
    .summary("Train many runs, several at a time, and set them side by side.")
    .description(
      "Train many runs: every combination of the values that options of nin train are given, or those of a list. " +
        "Called again it goes on with what is not done; at the end the runs stand side by side, as by nin compare.\n\n" +
        "Several values have commas between; of whole numbers 1-5 is five, of a switch yes,no is both. An option " +
        "whose value has commas itself is given once for each value.",
    )
    .argument("[list]", "a file in JSON or YAML: a list of runs, each with options of nin train")
    .option("--out <folder>", "for all runs, a folder for each", folder("--out"), "runs/sweep")
    .option(
      "--jobs <k>",
      "runs at a time, each with its share of the cores as threads",
      wholeNumber("--jobs", { min: 1, max: 1024 }),
      1,
    )
    .option("--dry-run", "train nothing: list the runs, and what is done of them")
    .option("--json", "print a JSON line for each run, and the comparison as the last");
  return addRunOptions(command, "Options of nin train, with one value for all runs or with several:")
    .addHelpText(
      "after",
      examples(
        "sweep --preset fast --seeds 1-5 --lr 0.05,0.1 --jobs 2",
        "sweep --net lenet,nin-small --epochs 3 --out runs/nets",
        "sweep runs.yaml --seeds 1-3",
      ),
    )
    .action(async (list: string | undefined, options: SweepOptions) => {
      finish(
        await amongRanks(output, undefined, async (ranks) => {
          const request = await requestOf(list, options);
          using stop = listenForStop(() =>
            output.note(
              options.dryRun
                ? "Stopping."
                : "Stopping: each run ends in a checkpoint. Ctrl-C again stops at once.",
            ),
          );
          return await unlessStopped(stop, output, () =>
            options.dryRun ? listRuns(request, stop, ranks) : sweep(request, stop, ranks, output),
          );
        }),
      );
    });
}

/** @throws UsageError by all names that the command has for the option, if it does not accept a value */
function givenValues(option: RunOption, texts: readonly string[]): OptionValue[] {
  try {
    return optionValues(option, texts);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replace(/^--seed(?=:)/, "--seeds or --seed"));
  }
}

/** @throws UsageError or DataError if the runs cannot be what is asked for */
async function requestOf(list: string | undefined, options: SweepOptions): Promise<SweepRequest> {
  const given: ValueLists = new Map(
    [...givenTexts(options)].map(([option, texts]) => [option, givenValues(option, texts)]),
  );
  const ofRole = (role: RunOption["role"]): ValueLists =>
    new Map([...given].filter(([option]) => option.role === role));
  const [settings, conditions] = [ofRole("setting"), ofRole("condition")];
  for (const [{ flag }, values] of conditions) {
    if (values.length === 1) continue;
    throw new UsageError(`${flag}: got ${values.length} values, expected one for all runs.`);
  }
  const grids = list === undefined ? [new Map()] : readList(list);
  const configurations = configurationsOf(grids, settings);
  const origins =
    list === undefined
      ? []
      : grids.flatMap((grid, i) => configurationsOf([grid], settings).map(() => `${list}: entry ${i + 1}`));
  if (list === undefined && configurations.length === 1) {
    throw new UsageError(
      "nin sweep: got one run, expected several values of an option, such as --seeds 1-5, or a list. One run is for nin train.",
    );
  }
  const single = (names: readonly string[]) =>
    Object.fromEntries(
      [...given].flatMap(([{ name }, values]) =>
        names.includes(name) && values.length === 1 ? [[name, values[0]!.parsed]] : [],
      ),
    );
  return {
    ...options,
    runs: await plannedRuns(configurations, origins),
    conditions: [...conditions].flatMap(([option, [value]]) => option.wordsOf(value!.text)),
    comparing: { ...usualOptions, ...single(comparedBy) } as DataOptions & DeviceOptions,
  };
}

/** Does what can be stopped before anything is trained. */
async function unlessStopped(
  stop: StopSignal,
  output: Output,
  work: () => Promise<ExitStatus>,
): Promise<ExitStatus> {
  try {
    return await work();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    output.note("Stopped; nothing was trained.");
    return stop.status;
  }
}

/** `--dry-run` */
async function listRuns(request: SweepRequest, stop: StopSignal, ranks: Ranks): Promise<ExitStatus> {
  const { out, runs, jobs, json, comparing } = request;
  const { output } = ranks;
  ranks.trained();
  if (!ranks.isFirst) return ExitStatus.done;
  const placed = await placedRuns(out, runs);
  const states = await statesOf(placed.runs);
  const todo = placed.runs.filter((run) => outcomeBefore(states.get(run)!) === null);
  const threads = comparing.threads ?? defaultThreads(Math.min(jobs, todo.length));
  const load = (dataset: string) => loadFor(todo, dataset, comparing, stop.signal, output);
  const openDevice = () => openRequested({ ...comparing, threads });
  const seconds = await estimates(todo, { load, openDevice, signal: stop.signal });
  if (json) {
    for (const run of placed.runs) output.json(plannedJson(run, states.get(run)!, seconds.get(run)));
    return ExitStatus.done;
  }
  const rows = placed.runs.map((run) => {
    const estimate = seconds.get(run);
    const time = estimate === undefined ? "" : `about ${duration(estimate)}`;
    return [run.folderName, stateTexts[states.get(run)!.kind], workText(run), time];
  });
  for (const line of tableLines(rows, ["left"])) output.result(line);
  output.result("");
  output.result(planText(request, placed, states));
  const known = todo.flatMap((run) => seconds.get(run) ?? []);
  if (known.length === 0) return ExitStatus.done;
  const sum = known.reduce((total, each) => total + each, 0);
  output.result(
    `About ${duration(sum / Math.min(jobs, known.length))} together, tests and comparison included.`,
  );
  return ExitStatus.done;
}

async function sweep(
  request: SweepRequest,
  stop: StopSignal,
  ranks: Ranks,
  output: Output,
): Promise<ExitStatus> {
  const { json = false } = request;
  const { placed, states } = await ranks.firstRankFirst(() => prepared(request, stop, ranks.output));
  ranks.output.note(planText(request, placed, states));
  const told = (run: SweepRun, outcome: RunOutcome) => {
    if (json) output.json(outcomeJson(run, outcome));
  };
  const { communicator } = ranks;
  const share = sharedAgain(arrayShare(process.env), { index: communicator.rank, count: communicator.size });
  const own = shareOf(placed.runs, share);
  const trained = await trainOwn(request, own, states, {
    coreSharers: communicator.coreSharers,
    stop,
    told,
    output,
  });
  const places = [...trained].map(([run, outcome]) => [placed.runs.indexOf(run), outcome] as const);
  const known = new Map((await gather(communicator, places)).flat());
  ranks.trained();
  const outcomes = new Map<SweepRun, RunOutcome>();
  for (const [i, run] of placed.runs.entries()) {
    // Other tasks of an array may have trained meanwhile.
    const outcome = known.get(i) ?? outcomeBefore(await runStateOf(run.folder));
    outcomes.set(run, outcome ?? { kind: "open" });
  }
  if (ranks.isFirst) await conclude(request, outcomes, stop, ranks.output);
  if (stop.signal.aborted) return stop.status;
  const hasFailed = [...outcomes.values()].some(({ kind }) => kind === "failed");
  return hasFailed ? ExitStatus.failed : ExitStatus.done;
}

/** Makes sure that the data are here before several processes ask for them, and makes the folder. */
async function prepared(
  { out, runs, comparing }: SweepRequest,
  { signal }: StopSignal,
  output: Output,
): Promise<{
  readonly placed: PlacedSweep<PlannedRun>;
  readonly states: ReadonlyMap<SweepRun, RunState>;
}> {
  const { runs: found } = await placedRuns(out, runs);
  const before = await statesOf(found);
  const todo = found.filter((run) => outcomeBefore(before.get(run)!) === null);
  for (const dataset of new Set(todo.flatMap(({ recipe }) => recipe?.dataset ?? []))) {
    if (!isSynthetic(dataset)) await loadFor(todo, dataset, comparing, signal, output);
  }
  const placed = await keepRuns(out, runs, signal);
  return { placed, states: new Map(placed.runs.map((run, i) => [run, before.get(found[i]!)!])) };
}

/** Loads a data set that runs train on. What stands in for one that cannot be had is taken if all of them would take it. */
function loadFor(
  runs: readonly PlannedRun[],
  dataset: string,
  { dataDir, verify }: DataOptions,
  signal: AbortSignal,
  output: Output,
): Promise<Dataset> {
  return loadTrainingData(
    {
      dataset,
      verify,
      partInstead: true,
      syntheticInstead: runs.every((run) => run.recipe?.dataset !== dataset || run.mayBeSynthetic),
      quiet: false,
      signal,
      ...(dataDir !== undefined && { dataDir }),
    },
    output,
  );
}

/** Trains what this process is to train. @returns what has become of each of these runs */
async function trainOwn(
  { out, jobs, conditions }: SweepRequest,
  runs: readonly SweepRun[],
  states: ReadonlyMap<SweepRun, RunState>,
  {
    coreSharers,
    stop,
    told,
    output,
  }: {
    readonly coreSharers: number;
    readonly stop: StopSignal;
    readonly told: (run: SweepRun, outcome: RunOutcome) => void;
    readonly output: Output;
  },
): Promise<ReadonlyMap<SweepRun, RunOutcome>> {
  const outcomes = new Map<SweepRun, RunOutcome>();
  const todo: SweepRun[] = [];
  for (const run of runs) {
    const outcome = outcomeBefore(states.get(run)!);
    if (outcome === null) {
      todo.push(run);
    } else {
      outcomes.set(run, outcome);
      told(run, outcome);
    }
  }
  const threads = defaultThreads(Math.min(jobs, todo.length) * coreSharers);
  const ownConditions = conditions.includes("--threads")
    ? conditions
    : [...conditions, "--threads", String(threads)];
  const queue = todo.map((run) => ({
    name: run.folderName,
    run,
    call: { folder: run.folder, settings: settingWords(out, run.values), conditions: ownConditions },
  }));
  using view = runsView(output);
  const trained = await trainQueued(queue, {
    jobs,
    view,
    signal: stop.signal,
    told: ({ run }, outcome) => told(run, outcome),
  });
  for (const [{ run }, outcome] of trained) outcomes.set(run, outcome);
  return outcomes;
}

/** Compares what is finished, and names what failed. */
async function conclude(
  { out, json, comparing, conditions }: SweepRequest,
  outcomes: ReadonlyMap<SweepRun, RunOutcome>,
  stop: StopSignal,
  output: Output,
): Promise<void> {
  const runs = [...outcomes.keys()];
  const ofKind = (kind: RunOutcome["kind"]) => runs.filter((run) => outcomes.get(run)!.kind === kind);
  const [finished, open] = [ofKind("finished"), ofKind("open")];
  const all = counted(runs.length, "run");
  if (stop.signal.aborted) {
    output.note(`Stopped with ${finished.length} of ${all} done; the same command goes on from here.`);
  } else if (open.length > 0) {
    output.note(
      `${open.length} of ${all} are not done, which is for other tasks of the array; the one that ends last compares all.`,
    );
  } else if (finished.length > 0) {
    await compareFinished(finished, { ...comparing, json: json ?? false }, out, stop, output);
  }
  const failed = [...outcomes].flatMap(([run, outcome]) =>
    outcome.kind === "failed" ? [{ run, outcome }] : [],
  );
  for (const { run, outcome } of failed.slice(0, mostTold)) {
    const words = existsSync(join(run.folder, "config.json"))
      ? ["--resume", run.folder]
      : [...settingWords(out, run.values), "--out", run.folder];
    output.error(`${run.folderName}: ${outcome.message}`);
    output.note(`  Try it alone: ${programCall()} train ${[...words, ...conditions].map(quoted).join(" ")}`);
    output.note(`  Its log: ${join(run.folder, logName)}`);
  }
  if (failed.length > mostTold) {
    const names = failed.slice(mostTold).map(({ run }) => run.folderName);
    output.error(`${grouped(names.length)} more runs failed: ${conjunction(names)}.`);
  }
}

/** Of runs that failed no more are told of with all there is to say. */
const mostTold = 20;

async function compareFinished(
  runs: readonly SweepRun[],
  options: ComparisonOptions,
  out: string,
  stop: StopSignal,
  output: Output,
): Promise<void> {
  try {
    const records: RunRecord[] = [];
    for (const { folder, group } of runs) records.push(await readRun(folder, group || undefined));
    await compareTrained(records, { folder: () => out }, options, stop, output);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    output.note("Stopped; all runs are done, and the same command compares them.");
  }
}

async function statesOf(runs: readonly SweepRun[]): Promise<ReadonlyMap<SweepRun, RunState>> {
  const states = new Map<SweepRun, RunState>();
  for (const run of runs) states.set(run, await runStateOf(run.folder));
  return states;
}

const stateTexts: Readonly<Record<RunState["kind"], string>> = {
  missing: "new",
  begun: "begun",
  finished: "done",
  diverged: "diverged",
  damaged: "damaged",
};

/** `8 runs into runs/sweep: 3 done, 1 begun, 4 new; 2 at a time.` */
function planText(
  { out, jobs }: SweepRequest,
  { runs, others, isBegun }: PlacedSweep<PlannedRun>,
  states: ReadonlyMap<SweepRun, RunState>,
): string {
  const kinds = ["finished", "diverged", "damaged", "begun", "missing"] as const;
  const counts = kinds.flatMap((kind) => {
    const count = runs.filter((run) => states.get(run)!.kind === kind).length;
    return count === 0 ? [] : [`${grouped(count)} ${stateTexts[kind]}`];
  });
  const besides =
    others === 0 ? "" : ` ${counted(others, "other run")} there ${others === 1 ? "is" : "are"} left alone.`;
  const into = isBegun ? `in ${out}` : `into ${out}, a new sweep`;
  return `${counted(runs.length, "run")} ${into}: ${counts.join(", ")}; ${grouped(jobs)} at a time.${besides}`;
}

/** What a run is to do. */
function workText({ recipe }: SweepRun): string {
  if (recipe === undefined) return "pictures of your own";
  const { net, epochs, limit, batchSize } = recipe;
  const images = limit === null ? "all images" : counted(limit, "image");
  return `${net}, ${counted(epochs, "epoch")} of ${images}, batch ${batchSize}`;
}

function plannedJson(
  { folderName, folder: run, recipe }: SweepRun,
  { kind }: RunState,
  seconds?: number,
): object {
  return { name: folderName, run, state: stateTexts[kind], recipe: recipe ?? null, seconds: seconds ?? null };
}

function outcomeJson({ folderName: name, folder: run }: SweepRun, outcome: RunOutcome): object {
  switch (outcome.kind) {
    case "finished": {
      const { testAccuracy, trainLossNats, seconds } = outcome.done;
      return { name, run, state: "done", testAccuracy, trainLossNats, seconds };
    }
    case "open":
      return { name, run, state: "stopped" };
    case "failed":
      return { name, run, state: "failed", error: outcome.message };
    default:
      return outcome satisfies never;
  }
}

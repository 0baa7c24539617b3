import type { ComparedRun } from "#nin-cli/compare/compared-run.js";
import { type Comparison, comparisonOf } from "#nin-cli/compare/comparison.js";
import { testSetOf } from "#nin-cli/compare/test-set.js";
import type { RunConfig, RunFolder } from "#nin-cli/runs/run-folder.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { arrayDataset } from "#nin-net/data/array-dataset.js";
import { presets, type Recipe } from "#nin-net/train/recipe.js";
import { epochEvent, startEvent } from "../report/fixture.js";

export const classNames = [
  "boot",
  "a shirt with an unusually long name that goes on and on, and on",
  "<b>hat</b>",
];

/** Images of 28 x 28 pixels in three classes, one after the other. */
export async function images(count: number, shade = 7) {
  const pixels = (n: number) => Uint8Array.from({ length: n * 784 }, (_, i) => (i * shade) % 251);
  const labels = (n: number) => Uint8Array.from({ length: n }, (_, i) => i % 3);
  return await arrayDataset({
    name: "fashion-mnist",
    title: "Garments",
    classes: classNames,
    image: { channels: 1, height: 28, width: 28 },
    train: { images: pixels(12), labels: labels(12) },
    test: { images: pixels(count), labels: labels(count) },
  });
}

export interface FakeRun {
  readonly path?: string;
  readonly recipe?: Partial<Recipe>;
  readonly config?: Partial<RunConfig>;
  /** What it says of each test image. */
  readonly answers: readonly number[];
  readonly epochs?: number;
  readonly network?: Partial<ComparedRun["network"]>;
  readonly data?: Awaited<ReturnType<typeof images>>;
  /** Whether its weights come from elsewhere: no events, no epochs. */
  readonly isImported?: boolean;
}

/** A run that nobody has trained, with answers of its own. */
export async function comparedRun(fake: FakeRun): Promise<ComparedRun> {
  const { answers, isImported = false, epochs = isImported ? 0 : 2, path = "runs/first" } = fake;
  const recipe: Recipe = { ...presets.tutorial, ...fake.recipe };
  const data = fake.data ?? (await images(answers.length));
  const testSet = testSetOf(data, answers.length);
  const { labels } = testSet.split;
  const config: RunConfig = {
    recipe,
    versions: {},
    datasetChecksum: null,
    machine: "A processor",
    ...fake.config,
  };
  const preprocessing = { resize: [28, 28], mean: null, std: null };
  return {
    run: { path, config, preprocessing } as unknown as RunFolder,
    name: path.split("/").at(-1)!,
    start: isImported ? undefined : { ...startEvent, recipe, trainImages: 12 },
    epochs: Array.from({ length: epochs }, (_, i) => epochEvent(i + 1)),
    stepLosses: isImported
      ? []
      : [
          { x: 0.5, y: 2 },
          { x: 1, y: 1 },
        ],
    progress: { epoch: epochs, step: 0 },
    network: {
      parameters: 1_992_166,
      multiplyAdds: 762_297_352,
      fullyConnected: { layers: 0, parameters: 0 },
      ...fake.network,
    },
    testSet,
    answers: {
      classes: Uint16Array.from(answers),
      probabilities: Float32Array.from(answers, () => 0.75),
      right: answers.filter((answer, i) => answer === labels[i]).length,
    },
  };
}

/** The reference device cannot tell how much memory it takes, so nothing is trained. */
export function compare(runs: readonly ComparedRun[]): Promise<Comparison> {
  return comparisonOf(runs, async () => openReference());
}

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { configurationsOf } from "#nin-cli/sweep/grid.js";
import { readList } from "#nin-cli/sweep/list-file.js";
import { plannedRuns } from "#nin-cli/sweep/planned-run.js";
import { temporaryFolder } from "../cli/run-nin.js";

function listFile(t: TestContext, name: string, text: string): string {
  const file = join(temporaryFolder(t), name);
  writeFileSync(file, text);
  return file;
}

test("entries have one value or several of nin train's options, by either of their names", async (t) => {
  const file = listFile(
    t,
    "runs.yaml",
    "- {net: lenet, lr: [0.1, 0.3], batch-size: 32}\n- {net: nin-small, widths: [[8, 16, 16]], normalize: [yes, no], seed: 1-2}\n",
  );
  const runs = await plannedRuns(configurationsOf(readList(file), new Map()));
  assert.deepEqual(
    runs.map(({ name }) => name),
    [
      "net=lenet,batch-size=32,lr=0.1",
      "net=lenet,batch-size=32,lr=0.3",
      "net=nin-small,widths=8-16-16,normalize=yes,seed=1",
      "net=nin-small,widths=8-16-16,normalize=yes,seed=2",
      "net=nin-small,widths=8-16-16,normalize=no,seed=1",
      "net=nin-small,widths=8-16-16,normalize=no,seed=2",
    ],
  );
  assert.deepEqual(runs[5]!.recipe!.netOptions, { widths: [8, 16, 16] });
  assert.deepEqual([runs[1]!.recipe!.lr, runs[1]!.recipe!.batchSize], [0.3, 32]);
  assert.deepEqual([runs[2]!.recipe!.mean !== null, runs[4]!.recipe!.mean], [true, null]);
});

test("an entry may have a whole recipe, which other options change", async (t) => {
  const recipe = { net: "lenet", lr: 0.5, optimizer: { name: "sgd", momentum: 0.8 } };
  const file = listFile(t, "runs.json", JSON.stringify([{ recipe, epochs: 2 }, { net: "lenet" }]));
  const [run] = await plannedRuns(configurationsOf(readList(file), new Map()));
  assert.deepEqual([run!.recipe!.lr, run!.recipe!.epochs], [0.5, 2]);
  assert.equal((run!.recipe!.optimizer as { momentum: number }).momentum, 0.8);
  assert.match(run!.name, /^recipe=[0-9a-f]{8},epochs=2$/);
});

test("what is no list of runs is refused, by its entry", async (t) => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(() => readList(listFile(t, "runs.json", text)), { name: "DataError", message });
  refused(
    "[",
    /runs\.json cannot be read: it is not JSON(?: \(line 1\))?\. Give a list in JSON, or in YAML with the ending \.yaml\.$/,
  );
  refused("[]", /: got an empty list, expected one run or more\.$/);
  refused('{"lr": 1}', /: got an object, expected a list of runs, each with options of nin train, such as /);
  refused("[1]", /: entry 1: got 1, expected options of nin train, such as \{"lr": 0\.1\}\.$/);
  refused('[{}, {"lrr": 1}]', /: entry 2: lrr is not an option of the runs of a sweep\. Did you mean lr\?$/);
  refused('[{"out": "a"}]', /: entry 1: out is not an option of the runs of a sweep\./);
  refused('[{"lr": -1}]', /: entry 1: --lr: got "-1", expected a number above 0\.$/);
  refused('[{"lr": []}]', /: entry 1: lr: got an empty list, expected one value or more\.$/);
  refused(
    '[{"lr": null}]',
    /: entry 1: lr: got nothing, expected a value of --lr, as on the command line, or a list/,
  );
  refused('[{"batchSize": 1, "batch-size": 2}]', /: entry 1: batch-size: is there twice, expected once\.$/);
  refused(
    '[{"threads": 1}]',
    /: entry 1: threads: is the same for all runs\. Give --threads on the command line\.$/,
  );
  refused(
    '[{"optimizer": {"name": "sgd"}}]',
    /: entry 1: optimizer: got an object, .* has its place under recipe\.$/,
  );
});

test("a run that is there twice, or cannot be, is refused by its name", async (t) => {
  const refused = async (entries: readonly object[], name: string, message: string | RegExp) => {
    const runs = configurationsOf(readList(listFile(t, "runs.json", JSON.stringify(entries))), new Map());
    await assert.rejects(plannedRuns(runs), { name, message });
  };
  await refused(
    [{ net: "lenet" }, { net: "lenet" }],
    "UsageError",
    "nin sweep: got the same run twice, as --net lenet, expected each once.",
  );
  await refused(
    [{ net: "lenet" }, { net: "lenet", momentum: 0 }],
    "UsageError",
    "nin sweep: got the same run twice, as --net lenet and again as --net lenet --momentum 0, expected each once.",
  );
  await refused(
    [{ net: "lenet", norm: ["none", "batch"] }],
    "UsageError",
    "norm=none: --norm: lenet has no such option. Leave it out; lenet has none.",
  );
  await refused(
    [{ net: "nin", resize: [224, 32] }],
    "UsageError",
    'resize=32: --resize: got "32", expected 67 or more: smaller images do not fill the last pooling window.',
  );
  await refused(
    [{ recipe: { net: "lenet", lrr: 1 } }, { net: "vgg" }],
    "DataError",
    /^recipe=[0-9a-f]{8}: --recipe: a recipe in the list: Recipe setting lrr: there is none of that name\. Correct it, or leave it out\.$/,
  );
});

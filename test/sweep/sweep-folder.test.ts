import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configurationsOf, type NamedConfiguration, named } from "#nin-cli/sweep/grid.js";
import { optionValues } from "#nin-cli/sweep/option-values.js";
import { runOptions } from "#nin-cli/sweep/run-option.js";
import { keepRuns, placedRuns, settingWords } from "#nin-cli/sweep/sweep-folder.js";
import { temporaryFolder } from "../cli/run-nin.js";

const { signal } = new AbortController();

function grid(texts: Readonly<Record<string, string>>): NamedConfiguration[] {
  const lists = Object.entries(texts).map(([name, text]) => {
    const option = runOptions.find((each) => each.name === name)!;
    return [option, optionValues(option, [text])] as const;
  });
  return named(configurationsOf([new Map(lists)], new Map()));
}

test("the same options have the same folder, whatever varies besides", async (t) => {
  const out = join(temporaryFolder(t), "sweep");
  const names = async (texts: Readonly<Record<string, string>>) => {
    const { runs, others, isBegun } = await keepRuns(out, grid(texts), signal);
    return [runs.map(({ folderName }) => folderName), others, isBegun];
  };
  assert.deepEqual(await names({ seed: "1-2", lr: "0.1" }), [["seed=1", "seed=2"], 0, false]);
  assert.deepEqual(await names({ seed: "1", lr: "0.1,0.2" }), [["seed=1", "lr=0.2,seed=1"], 1, true]);
  assert.deepEqual(await names({ seed: "1-3", lr: "0.2" }), [
    ["lr=0.2,seed=1", "lr=0.2,seed=2", "lr=0.2,seed=3"],
    2,
    true,
  ]);
});

test("a change of what all runs have alike is refused", async (t) => {
  const out = join(temporaryFolder(t), "sweep");
  await keepRuns(out, grid({ seed: "1-2", epochs: "2", momentum: "0.9" }), signal);
  const refused = (texts: Readonly<Record<string, string>>, sentence: string) =>
    assert.rejects(placedRuns(out, grid(texts)), {
      name: "DataError",
      message: `${sentence}; more values of what varies are added.`,
    });
  await refused(
    { seed: "1-2", epochs: "3", momentum: "0.9" },
    `--epochs: got 3, but ${out} was begun with 2. Choose a new --out for another sweep, or leave --epochs as it was`,
  );
  await refused(
    { seed: "1-2", epochs: "2" },
    `--momentum: got none, but ${out} was begun with 0.9. Choose a new --out for another sweep, or leave --momentum as it was`,
  );
  await refused(
    { seed: "1-2", epochs: "2", momentum: "0.9", lr: "0.1" },
    `--lr: got 0.1, but ${out} was begun without it. Choose a new --out for another sweep, or leave --lr as it was`,
  );
});

test("recipes of a list lie in the sweep's folder, and files of recipes are known by their content", async (t) => {
  const folder = temporaryFolder(t);
  const out = join(folder, "sweep");
  const option = runOptions.find(({ name }) => name === "recipe")!;
  const inline = {
    option,
    text: "0a1b2c3d",
    parsed: { origin: "a recipe in the list", value: { net: "lenet" } },
  };
  const file = join(folder, "other.json");
  writeFileSync(file, '{"net": "vgg"}');
  const runs = named([[inline], optionValues(option, [file])]);
  assert.deepEqual(
    runs.map(({ name }) => name),
    ["recipe=0a1b2c3d", "recipe=other"],
  );
  await keepRuns(out, runs, signal);
  const [words, others] = runs.map(({ values }) => settingWords(out, values));
  assert.deepEqual(words, ["--recipe", join(out, "recipes", "0a1b2c3d.json")]);
  assert.deepEqual(JSON.parse(readFileSync(words![1]!, "utf8")), { net: "lenet" });
  assert.deepEqual(others, ["--recipe", file]);
  writeFileSync(file, '{"net": "alexnet"}');
  await assert.rejects(placedRuns(out, runs), {
    message: new RegExp(
      `^--recipe: got ${file} of SHA-256 \\w{12}, but ${join(out, "recipe=other")} was begun with ${file} of SHA-256 \\w{12}\\. `,
    ),
  });
});

test("what is no sweep's folder, or a damaged one, is refused", async (t) => {
  const out = temporaryFolder(t);
  const refused = (message: RegExp) =>
    assert.rejects(keepRuns(out, grid({ seed: "1-2" }), signal), { name: "DataError", message });
  mkdirSync(join(out, "holiday"));
  await refused(/^--out: \S+ is not empty, and a sweep overwrites nothing\. Choose a new folder\.$/);
  const file = join(out, "sweep.json");
  for (const [text, message] of [
    ["{", /sweep\.json: is not JSON\. Put the file back as it was, or choose a new --out\.$/],
    ["null", /sweep\.json: got no runs with their options, expected what nin sweep writes\. /],
    ['{"runs": {"a": {"lr": 1}}}', /sweep\.json: got no runs with their options, /],
  ] as const) {
    writeFileSync(file, text);
    await refused(message);
    assert.equal(readFileSync(file, "utf8"), text);
  }
});

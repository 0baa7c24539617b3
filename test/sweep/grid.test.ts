import assert from "node:assert/strict";
import { test } from "node:test";
import { configurationsOf, named, type ValueLists } from "#nin-cli/sweep/grid.js";
import { optionValues } from "#nin-cli/sweep/option-values.js";
import { runOptions } from "#nin-cli/sweep/run-option.js";

/** The values of options by their names, as the command line has them. */
function lists(texts: Readonly<Record<string, string>>): ValueLists {
  return new Map(
    Object.entries(texts).map(([name, text]) => {
      const option = runOptions.find((each) => each.name === name)!;
      return [option, optionValues(option, [text])];
    }),
  );
}

test("a grid is every combination, in the order of nin train's options, the last varying fastest", () => {
  const runs = named(configurationsOf([new Map()], lists({ seed: "1-2", lr: "0.1,0.2", net: "lenet" })));
  assert.deepEqual(
    runs.map(({ name, group }) => [name, group]),
    [
      ["lr=0.1,seed=1", "lr=0.1"],
      ["lr=0.1,seed=2", "lr=0.1"],
      ["lr=0.2,seed=1", "lr=0.2"],
      ["lr=0.2,seed=2", "lr=0.2"],
    ],
  );
  assert.deepEqual(
    runs[1]!.values.map(({ option, text }) => `${option.flag} ${text}`),
    ["--net lenet", "--lr 0.1", "--seed 2"],
  );
});

test("each entry of a list is a grid of its own, and what it leaves out is not in its name", () => {
  const entries = [lists({ net: "lenet" }), lists({ net: "nin-small", momentum: "0,0.9" })];
  const runs = named(configurationsOf(entries, lists({ seed: "7" })));
  assert.deepEqual(
    runs.map(({ name }) => name),
    ["net=lenet", "net=nin-small,momentum=0", "net=nin-small,momentum=0.9"],
  );
});

test("where only seeds vary all runs are one group", () => {
  const runs = named(configurationsOf([new Map()], lists({ seed: "1-2" })));
  assert.deepEqual(
    runs.map(({ name, group }) => [name, group]),
    [
      ["seed=1", ""],
      ["seed=2", ""],
    ],
  );
});

test("names are fit for folders, and different ones where only case or signs differ", () => {
  const names = named(
    configurationsOf([lists({ augment: "flip,shift:2" }), lists({ augment: "flip" })], new Map()),
  ).map(({ name }) => name);
  assert.deepEqual(names, ["augment=flip-shift-2", "augment=flip"]);
  const paths = named(
    configurationsOf(
      [lists({ dataset: "./a/b" }), lists({ dataset: "./A/b" }), lists({ dataset: "./a:b" })],
      new Map(),
    ),
  ).map(({ name }) => name);
  for (const name of paths) assert.match(name, /^dataset=\.-[aA]-b-[0-9a-f]{8}$/);
  assert.equal(new Set(paths).size, 3);
});

test("too many runs, and an option in two places, are refused before anything is made of them", () => {
  assert.throws(
    () => configurationsOf([new Map()], lists({ seed: "1-200", batchSize: "1-100", lr: "0.1,0.2" })),
    { message: "nin sweep: got 40,000 runs, expected 10,000 at most. Give fewer values." },
  );
  assert.throws(
    () => configurationsOf([lists({ lr: "1" }), lists({ net: "vgg" })], lists({ net: "lenet" })),
    {
      message: "--net: got it on the command line and in entry 2 of the list, expected one of them.",
    },
  );
});

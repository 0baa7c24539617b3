import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./sources.js";

const text = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const filesIn = (line: string) =>
  [...line.matchAll(/`((?:packages|test)\/[^`<]+\.ts)`/g)].map((match) => match[1]!);

test("an op is named in every file that CONTRIBUTING lists for one", () => {
  const [, example, table] = /\| files of an op, such as `(\w+)`[^\n]*\n([\s\S]*?)\n\n/.exec(text)!;
  const files = filesIn(table!);
  assert.equal(files.length, 12);
  assert.deepEqual(
    files.filter((file) => !new RegExp(`\\b${example}\\b`).test(read(file))),
    [],
  );
});

test("a layer, a network, a data set, an optimizer, a schedule and an augmentation are named where CONTRIBUTING says", () => {
  const rows = [...text.matchAll(/^\| ([a-z ]+), `(\w+)` .*$/gm)];
  assert.deepEqual(
    rows.map(([, kind]) => kind),
    ["layer", "network", "data set", "optimizer", "schedule", "augmentation"],
  );
  for (const [line, kind, example] of rows) {
    const [source, registry, ownTest] = filesIn(line) as [string, string, string];
    for (const file of [source, registry]) {
      assert.match(read(file), new RegExp(`\\b${example}\\b`), `${kind}: ${file}`);
    }
    assert.ok(read(ownTest).length > 0);
  }
});

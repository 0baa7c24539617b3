import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadBench } from "./load-bench.js";

const { complaint, median, race } = await loadBench("race");

/** A contestant that writes its name into a file whenever it measures, and gives the numbers of a list in turn. */
function fake(name: string, file: string, values: readonly number[], how: object = {}) {
  const program = `
    const fs = require("node:fs");
    const values = ${JSON.stringify(values)};
    console.log("a banner");
    console.log(JSON.stringify({ device: "fake", node: "v0" }));
    require("node:readline").createInterface({ input: process.stdin }).on("line", () => {
      fs.appendFileSync(${JSON.stringify(file)}, "${name} begins ");
      setTimeout(() => {
        fs.appendFileSync(${JSON.stringify(file)}, "${name} ends ");
        if (values.length === 0) throw new RangeError("no more values");
        console.log(JSON.stringify({ imagesPerSecond: values.shift(), peakBytes: 5e8 }));
      }, 20);
    });`;
  return {
    ...{ table: "training", name, label: `training: ${name}`, command: [process.execPath, "-e", program] },
    ...{ warmUps: 1, ...how },
  };
}

test("contestants take turns, one at a time; the warm-up does not count; the median is of all rounds", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nin-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const log = join(folder, "log");
  const { rows, failed } = await race(
    [fake("a", log, [99, 3, 1, 2]), fake("b", log, [99, 7, 8, 6])],
    3,
    () => {},
  );
  assert.deepEqual(failed, []);
  assert.deepEqual(
    rows.map(({ name, median, lowest, highest, measurements, device }) => ({
      ...{ name, median, lowest, highest, measurements, device },
    })),
    [
      { name: "a", median: 2, lowest: 1, highest: 3, measurements: 3, device: "fake" },
      { name: "b", median: 7, lowest: 6, highest: 8, measurements: 3, device: "fake" },
    ],
  );
  const turn = (name: string) => `${name} begins ${name} ends `;
  assert.equal(readFileSync(log, "utf8"), `${turn("a")}${turn("b")}${turn("a") + turn("b")}`.repeat(2));
});

test("one that fails is named with its error, the others go on", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nin-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const log = join(folder, "log");
  const gone = { ...fake("gone", log, []), command: [join(folder, "no-such-program")] };
  const { rows, failed } = await race(
    [gone, fake("late", log, [1, 2]), fake("fine", log, [1, 2, 3]), fake("once", log, [4, 5], { rounds: 1 })],
    2,
    () => {},
  );
  assert.equal(failed.length, 2);
  assert.match(failed[0]!, /^training: gone: .*ENOENT/);
  assert.equal(failed[1], "training: late: RangeError: no more values");
  assert.deepEqual(
    rows.map(({ name, measurements }) => [name, measurements]),
    [
      ["late", 1],
      ["fine", 2],
      ["once", 1],
    ],
  );
});

test("the median of an even number is the mean of the two in the middle", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([5, 1, 3]), 3);
});

test("the line that says what went wrong is found in a stack", () => {
  assert.equal(
    complaint("file.js:3\nthrow it;\n\nTypeError: not a tensor\n    at a (b.js:1)\n\nNode.js v26.10.0\n"),
    "TypeError: not a tensor",
  );
  assert.equal(complaint("Killed\n"), "Killed");
  assert.equal(complaint(""), "it ended without a word");
});

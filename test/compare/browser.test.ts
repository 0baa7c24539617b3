import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { comparisonHtml } from "#nin-cli/compare/page/page.js";
import { launchChromium, noChromium } from "../report/chromium.js";
import { compare, comparedRun, images } from "./fixture.js";

const options = { skip: noChromium };
const folder = mkdtempSync(join(tmpdir(), "nin-compare-"));
const file = join(folder, "compare.html");
let browser: Browser;

before(async () => {
  if (noChromium) return;
  const data = await images(90);
  const answers = (seed: number) =>
    [...data.test.labels].map((k, i) => ((i * 7 + seed) % 5 === 0 ? (k + 1 + (seed % 2)) % 3 : k));
  const runs = await Promise.all(
    [1, 2, 3, 4, 5].map((seed) =>
      comparedRun({
        path: `runs/a-run-with-a-rather-long-name-of-its-folder-${seed}`,
        recipe: { seed, lr: seed === 2 ? 0.1 : seed / 10 },
        answers: answers(seed),
        data,
      }),
    ),
  );
  const comparison = await compare(runs);
  const claims = [{ claim: "It is small.", holds: true, measured: "1 against 2." }];
  writeFileSync(file, await comparisonHtml({ ...comparison, claims }));
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1200, 390]) {
    test(`${colorScheme}, ${width} pixels wide: fits, accessible, alone`, options, async () => {
      const page = await browser.newPage({ viewport: { width, height: 900 }, offline: true, colorScheme });
      const asked: string[] = [];
      const said: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("console", (message) => said.push(message.text()));
      await page.goto(pathToFileURL(file).href);
      assert.deepEqual(
        asked.filter((url) => !url.startsWith("data:")),
        [pathToFileURL(file).href],
      );
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      assert.equal(await page.locator("section").count(), 6);
      assert.equal(await page.locator(".curves svg").count(), 4);
      await page.evaluate(
        readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"),
      );
      const found = await page.evaluate<{ id: string; nodes: { html: string; failureSummary: string }[] }[]>(
        "axe.run().then(({ violations }) => violations)",
      );
      assert.deepEqual(
        found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`),
        [],
      );
      assert.deepEqual(said, []);
      await page.close();
    });
  }
}

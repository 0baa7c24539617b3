import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { reportHtml } from "#nin-cli/report/report.js";
import { launchChromium, noChromium } from "./chromium.js";
import { reportData, shownImages } from "./fixture.js";

// To look at the pages: SCREENSHOTS=folder npm test -- report/browser
const screenshots = process.env.SCREENSHOTS;
const options = { skip: noChromium };
const folder = mkdtempSync(join(tmpdir(), "nin-report-"));
const file = join(folder, "report.html");
let browser: Browser;

before(async () => {
  if (noChromium) return;
  writeFileSync(file, await reportHtml(reportData({ results: await shownImages(100) })));
  if (screenshots) mkdirSync(screenshots, { recursive: true });
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** The report in a browser without a network, and all that it asked for or complained of. */
async function open(
  settings: BrowserContextOptions,
): Promise<{ page: Page; asked: string[]; said: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, offline: true, ...settings });
  const asked: string[] = [];
  const said: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  await page.goto(pathToFileURL(file).href);
  return { page, asked, said };
}

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What the accessibility checker finds, one line each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  const found = await page.evaluate<Violation[]>("axe.run().then(({ violations }) => violations)");
  return found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}

/** Red, green and blue of an element's colour, 0..255. */
async function colour(page: Page, selector: string, property: string): Promise<number[]> {
  const value = await page
    .locator(selector)
    .first()
    .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
  return (value.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
}

const brightness = (rgb: readonly number[]): number =>
  rgb.reduce((sum, level) => sum + level, 0) / rgb.length;

for (const colorScheme of ["light", "dark"] as const) {
  test(`in the ${colorScheme}: complete, readable, accessible, alone`, options, async () => {
    const { page, asked, said } = await open({ colorScheme });
    if (screenshots) {
      await page.screenshot({ path: join(screenshots, `${colorScheme}.png`), fullPage: true });
    }
    assert.deepEqual(
      asked.filter((url) => !url.startsWith("data:")),
      [pathToFileURL(file).href],
    );
    assert.deepEqual(said, []);

    const images = await page.locator("img").evaluateAll((elements) =>
      elements.map((element) => {
        const { complete, naturalWidth, alt } = element as HTMLImageElement;
        return complete && naturalWidth > 0 && alt !== "";
      }),
    );
    assert.ok(images.length > 150 && images.every(Boolean), `${images.length} images`);

    const isLight = colorScheme === "light";
    const paper = brightness(await colour(page, "body", "background-color"));
    const ink = brightness(await colour(page, "body", "color"));
    assert.ok(isLight ? paper > 230 && ink < 60 : paper < 40 && ink > 200, `paper ${paper}, ink ${ink}`);
    // The chart takes its colours from the page.
    const chartText = brightness(await colour(page, ".curves svg text", "fill"));
    assert.ok(isLight ? chartText < 60 : chartText > 200, `chart text ${chartText}`);

    assert.deepEqual(await violations(page), []);
    await page.close();
  });
}

test("fits a phone: what is wider scrolls by itself", options, async () => {
  const { page } = await open({ viewport: { width: 360, height: 700 } });
  if (screenshots) await page.screenshot({ path: join(screenshots, "narrow.png"), fullPage: true });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 360);
  await page.close();
});

test("the longest of durations fits into its box, however wide the page", options, async () => {
  const { page } = await open({});
  const time = page.locator(".figures dd").last();
  await time.evaluate((element) => {
    element.textContent = "59 min 59 s";
  });
  for (const width of [1400, 1000, 600, 360]) {
    await page.setViewportSize({ width, height: 900 });
    const over = await time.evaluate((element) => [
      element.scrollWidth - element.clientWidth,
      document.documentElement.scrollWidth - window.innerWidth,
    ]);
    assert.deepEqual(over, [0, 0], `${width} pixels`);
  }
  await page.close();
});

test("links lead to the sections", options, async () => {
  const { page } = await open({});
  await page.getByRole("link", { name: "Worst mistakes" }).click();
  const top = await page.locator("#mistakes").evaluate((element) => element.getBoundingClientRect().top);
  assert.ok(Math.abs(top) < 5, `${top}`);
  await page.close();
});

test("prints in the light, all of it, on A4", options, async () => {
  const { page } = await open({ colorScheme: "dark" });
  const pdf = await page.pdf({
    preferCSSPageSize: true,
    ...(screenshots && { path: join(screenshots, "print.pdf") }),
  });
  // Pages of 210 x 297 mm, in points.
  assert.match(pdf.toString("latin1"), /\/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]/);
  await page.emulateMedia({ media: "print" });
  assert.ok(brightness(await colour(page, "body", "background-color")) > 230);
  assert.ok(brightness(await colour(page, "body", "color")) < 60);
  assert.equal(await page.locator("nav").isVisible(), false);
  // On the width of A4 without its margins, 182 mm, nothing is cut off.
  await page.setViewportSize({ width: 688, height: 1000 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 688);
  await page.close();
});

test("markup that comes from elsewhere runs nothing", options, async () => {
  const hostile = `"><script>document.title = "taken"</script><img src=x onerror="document.title='taken'">`;
  const page = await browser.newPage();
  await page.setContent(await reportHtml(reportData({ run: hostile, dataset: hostile })));
  assert.notEqual(await page.title(), "taken");
  assert.equal(await page.locator("script, img").count(), 0);
  await page.close();
});

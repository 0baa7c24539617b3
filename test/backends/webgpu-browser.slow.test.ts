/** The conformance suite in a real browser: Chromium on SwiftShader, the reference in the same page. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { ops } from "#nin-net/ops/ops.js";
import { type PageServer, servePage, webGpuFlags } from "../browser/page-server.js";
import { launchChromium, noChromium } from "../report/chromium.js";

/** What stands for the names that the built modules import by, Node's among them. */
const imports = {
  "#nin-net/": "/packages/nin-net/dist/",
  "node:test": "/build/test/backends/in-browser/runner.js",
  "node:assert/strict": "/build/test/backends/in-browser/assert.js",
};
/** The page: it takes the built modules as they are. */
const page = `<!doctype html><title>conformance</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>`;

let server: PageServer;
let browser: Browser;

before(async () => {
  if (noChromium) return;
  server = await servePage(page);
  browser = await launchChromium(webGpuFlags);
});

after(async () => {
  await browser?.close();
  server?.close();
});

test("the conformance suite passes in Chromium", {
  skip: noChromium,
}, async () => {
  const tab = await browser.newPage();
  const said: string[] = [];
  tab.on("console", (message) => said.push(message.text()));
  tab.on("pageerror", (error) => said.push(error.message));
  await tab.goto(server.address);
  const { passed, failed, device } = await tab.evaluate<{
    passed: string[];
    failed: string[];
    device: string;
  }>('import("/build/test/backends/in-browser/page.js").then(({ conform }) => conform())');
  assert.deepEqual(failed, []);
  assert.match(device, /^gpu \(WebGPU/);
  for (const op of Object.keys(ops)) assert.ok(passed.includes(op), op);
  assert.deepEqual(said, []);
});

test("without WebGPU a browser says what it lacks", { skip: noChromium }, async () => {
  const tab = await browser.newPage();
  await tab.addInitScript("delete Navigator.prototype.gpu");
  await tab.goto(server.address);
  const open = `import("/packages/nin-net/dist/backends/devices.js").then(({ openDevice }) => openDevice("gpu")).then(String, String)`;
  assert.equal(
    await tab.evaluate(open),
    "NinError: This browser has no WebGPU, expected navigator.gpu. Use a recent browser, over https or from localhost.",
  );
});

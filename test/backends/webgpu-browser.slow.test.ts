/** The conformance suite in a real browser, unchanged: Chromium on SwiftShader, the reference in the same page. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { ops } from "#src/ops/ops.js";
import { launchChromium, noChromium } from "../report/chromium.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const types: Readonly<Record<string, string>> = { ".js": "text/javascript", ".html": "text/html" };

/** What stands for the names that the built modules import by, Node's among them. */
const imports = {
  "#src/": "/dist/",
  "node:test": "/build/test/backends/in-browser/runner.js",
  "node:assert/strict": "/build/test/backends/in-browser/assert.js",
};
/** The page: it takes the built modules as they are. */
const page = `<!doctype html><title>conformance</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>`;

let server: Server;
let browser: Browser;

before(async () => {
  if (noChromium) return;
  server = createServer(async ({ url = "/" }, response) => {
    const path = normalize(new URL(url, "http://localhost").pathname);
    const body = path === "/" ? page : await readFile(join(root, path)).catch(() => undefined);
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": types[extname(path) || ".html"] ?? "application/octet-stream",
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await launchChromium([
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--enable-features=Vulkan",
  ]);
});

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

after(async () => {
  await browser?.close();
  server?.close();
});

test("the whole conformance suite passes in Chromium", {
  skip: noChromium,
}, async () => {
  const tab = await browser.newPage();
  const said: string[] = [];
  tab.on("console", (message) => said.push(message.text()));
  tab.on("pageerror", (error) => said.push(error.message));
  await tab.goto(address());
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
  await tab.goto(address());
  const open = `import("/dist/backends/devices.js").then(({ openDevice }) => openDevice("gpu")).then(String, String)`;
  assert.equal(
    await tab.evaluate(open),
    "NinError: This browser has no WebGPU, expected navigator.gpu. Use a recent browser, over https or from localhost.",
  );
});

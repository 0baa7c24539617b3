/** How much a page loads to train on the CPU. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { serveFolder } from "../browser/folder-server.js";
import { launchChromium, noChromium } from "../report/chromium.js";
import { Apps } from "./apps.js";
import { outcomeOf } from "./outcome.js";
import { buildWithEsbuild, copyKernels } from "./page-tools.js";

const gzippedBytesAtMost = 100_000;
const page = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>';

let apps: Apps;
let browser: Browser;

before(async () => {
  if (noChromium) return;
  apps = new Apps();
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  apps?.[Symbol.dispose]();
});

test("a page that trains the tutorial's network on the CPU loads at most 100 kB, kernels included", {
  skip: noChromium,
}, async () => {
  const folder = apps.create("weight");
  buildWithEsbuild(folder, "--minify", "--splitting");
  copyKernels(folder);
  const server = await serveFolder(join(folder, "out"), { page });
  const { trained, error } = await outcomeOf(browser, server.address);
  server.close();
  assert.ok(trained, error?.message);
  const sizes = [...server.served].map(([path, bytes]) => ({ path, bytes: gzipSync(bytes).length }));
  const names = sizes.map(({ path }) => path);
  assert.ok(names.includes("/worker.js") && names.includes("/kernels-relaxed-shared.wasm"), names.join(", "));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const table = sizes.map(({ path, bytes }) => `${bytes} ${path}`).join("\n");
  assert.ok(total <= gzippedBytesAtMost, `${total} bytes, at most ${gzippedBytesAtMost} expected:\n${table}`);
});

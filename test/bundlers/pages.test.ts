/** The packed library on pages, by way of every bundler of docs/browser.md. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launchChromium, noChromium } from "../report/chromium.js";
import { Apps, run, wantsAll } from "./apps.js";
import { outcomeOf, type Trained } from "./outcome.js";
import { pageTools } from "./page-tools.js";

let apps: Apps;
let browser: Browser;
let inNode: Trained;

before(async () => {
  if (noChromium) return;
  apps = new Apps();
  browser = await launchChromium();
  inNode = JSON.parse(run(apps.library.app, process.execPath, "in-node.js")) as Trained;
});

after(async () => {
  await browser?.close();
  apps?.[Symbol.dispose]();
});

for (const { name, files, build, serve } of pageTools.filter(({ isFirst }) => isFirst || wantsAll)) {
  test(name, { skip: noChromium }, async (t) => {
    const folder = apps.create(name, files);
    build?.(folder);
    for (const isIsolated of [true, false]) {
      const what = isIsolated ? "two threads on an isolated page" : "one thread on any other page";
      await t.test(`${what}, to the bits that Node comes to`, async () => {
        const page = await serve(folder, isIsolated);
        try {
          const { trained, error, said } = await outcomeOf(browser, page.address);
          assert.ok(trained, error?.message);
          assert.match(trained.device, isIsolated ? /, 2 threads\)$/ : /, 1 thread\)$/);
          const { trainLossNats, digest } = trained;
          assert.deepEqual(
            { trainLossNats, digest },
            { trainLossNats: inNode.trainLossNats, digest: inNode.digest },
          );
          assert.deepEqual(
            said.filter((line) => /^(?:warning|error|uncaught)/.test(line)),
            [],
          );
        } finally {
          page.close();
        }
      });
    }
  });
}

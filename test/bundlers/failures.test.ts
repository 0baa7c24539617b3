/** What a page says where a file is missing or its policy forbids what the CPU backend needs. */
import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { isolation, serveFolder } from "../browser/folder-server.js";
import { launchChromium, noChromium } from "../report/chromium.js";
import { Apps } from "./apps.js";
import { outcomeOf } from "./outcome.js";
import { buildWithEsbuild, copyKernels } from "./page-tools.js";

const page = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>';
const kernels = "kernels-relaxed-shared.wasm";

let apps: Apps;
let folder: string;
let browser: Browser;

before(async () => {
  apps = new Apps();
  folder = apps.create("esbuild");
  buildWithEsbuild(folder);
  copyKernels(folder);
  if (noChromium === false) browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  apps?.[Symbol.dispose]();
});

interface Spoiled {
  readonly without?: string;
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Opens the page from a spoiled copy of the output.
 * @returns what it says, with `<page>` for its address and `<n>` for a thread
 */
async function complaint({ without, files = {}, headers }: Spoiled): Promise<string> {
  const output = join(folder, "spoiled");
  cpSync(join(folder, "out"), output, { recursive: true });
  if (without !== undefined) rmSync(join(output, without));
  const server = await serveFolder(output, { page, files, headers: { ...isolation, ...headers } });
  try {
    const { trained, error } = await outcomeOf(browser, server.address);
    if (trained) return `trained on ${trained.device}`;
    const { name, message } = error!;
    return `${name}: ${message.replaceAll(server.address.replace(/\/$/, ""), "<page>").replace(/^Thread \d /, "Thread <n> ")}`;
  } finally {
    server.close();
    rmSync(output, { recursive: true });
  }
}

const copyAdvice =
  "Copy node_modules/nin-net/dist/backends/wasm/kernels-*.wasm to that folder, or let the bundler do it: see Bundlers in the README of nin-net.";

/** What is said of the worker that could not start. Which of the two is first is chance. */
const noWorker =
  "Thread <n> of the CPU backend did not start: its module worker.js did not load. It belongs beside the bundled script: see Bundlers in the README of nin-net. On a page that is cross-origin isolated it needs the same headers as the page.";

const cases: Readonly<Record<string, Spoiled & { readonly says: string }>> = {
  "a missing kernel file": {
    without: kernels,
    says: `Cannot load ${kernels} from <page>/${kernels}: the server answers 404 Not Found. ${copyAdvice}`,
  },
  "a page in the place of a kernel file, as servers of single-page apps answer": {
    files: { [`/${kernels}`]: Buffer.from(page) },
    says: `Cannot load ${kernels} from <page>/${kernels}: what stands there is something else. ${copyAdvice}`,
  },
  "a kernel file that was cut off": {
    files: { [`/${kernels}`]: Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1) },
    says: `${kernels} is damaged: WebAssembly.compile(): reached end while decoding section length @+9. Install nin-net again, or copy the file again to where it is served from.`,
  },
  "a missing worker": {
    without: "worker.js",
    says: noWorker,
  },
  "a page in the place of the worker": {
    files: { "/worker.js": Buffer.from(page) },
    says: noWorker,
  },
  "a policy without wasm-unsafe-eval": {
    headers: { "content-security-policy": "default-src 'self'" },
    says: "The page's Content-Security-Policy forbids WebAssembly, which the CPU backend is made of. Add 'wasm-unsafe-eval' to its script-src.",
  },
  "a policy without workers": {
    headers: { "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'" },
    says: "Thread <n> of the CPU backend did not start: the page's Content-Security-Policy forbids workers. Add 'self' to its worker-src.",
  },
  "a policy that allows no requests": {
    headers: { "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'; connect-src 'none'" },
    says: `The page's Content-Security-Policy forbids loading ${kernels} from <page>/${kernels}. Add <page> to its connect-src.`,
  },
};

for (const [name, { says, ...spoiled }] of Object.entries(cases)) {
  test(`${name} is named`, { skip: noChromium }, async () => {
    assert.equal(await complaint(spoiled), `NinError: ${says}`);
  });
}

test("a policy that allows what docs/browser.md says is enough", { skip: noChromium }, async () => {
  const policy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";
  assert.match(
    await complaint({ headers: { "content-security-policy": policy } }),
    /^trained on .*, 2 threads\)$/,
  );
});

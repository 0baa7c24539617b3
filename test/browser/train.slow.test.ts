/** The code of docs/browser.md in Chromium: it trains on the CPU and on WebGPU as Node does. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { openDevice } from "#nin-net/backends/devices.js";
import { DataIterator } from "#nin-net/data/data-iterator.js";
import { syntheticSplit } from "#nin-net/data/datasets/synthetic.js";
import { encodeIdx } from "#nin-net/data/formats/idx.js";
import { NinNet } from "#nin-net/models/nin.js";
import { trainCh } from "#nin-net/train/train-ch.js";
import { root } from "../project/sources.js";
import { launchChromium, noChromium } from "../report/chromium.js";
import { type PageServer, servePage, webGpuFlags } from "./page-server.js";

/** The packages that the modules import by name. */
const imports = {
  "nin-net": "/packages/nin-net/dist/browser.js",
  zod: "/node_modules/zod/index.js",
  fflate: "/node_modules/fflate/esm/browser.js",
  "@bufbuild/protobuf": "/node_modules/@bufbuild/protobuf/dist/esm/index.js",
  "@bufbuild/protobuf/codegenv2": "/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/index.js",
};
const page = `<!doctype html><title>training</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>`;

const splits = { train: syntheticSplit(3, 0, 4), t10k: syntheticSplit(3, 1, 2) };
const settings = { batchSize: 2, resize: 67, epochs: 1, lr: 0.1 };

const script = `
import { openDevice } from "nin-net";
import { trainHere } from "/page.js";
export async function run([name, settings]) {
  const device = await openDevice(name, { allowSoftware: true });
  const lines = [];
  const { net, ...result } = await trainHere(device, { ...settings, log: (line) => lines.push(line) });
  device[Symbol.dispose]();
  return { ...result, lines, weights: [...net.stateDict()["model.0.0.weight"].data] };
}`;

let server: PageServer;
let browser: Browser;

before(async () => {
  if (noChromium) return;
  const code = /^```js\n([\s\S]*?)^```$/m.exec(readFileSync(join(root, "docs", "browser.md"), "utf8"))![1]!;
  const files = Object.entries(splits).flatMap(([name, { images, labels }]) => [
    [
      `/fashion-mnist/${name}-images-idx3-ubyte.gz`,
      gzipSync(encodeIdx(images, "images", { height: 28, width: 28 })),
    ] as const,
    [`/fashion-mnist/${name}-labels-idx1-ubyte.gz`, gzipSync(encodeIdx(labels, "labels"))] as const,
  ]);
  server = await servePage(page, {
    ...Object.fromEntries(files),
    "/page.js": Buffer.from(code),
    "/run.js": Buffer.from(script),
  });
  browser = await launchChromium(webGpuFlags);
});

after(async () => {
  await browser?.close();
  server?.close();
});

interface Trained {
  readonly trainLossNats: number;
  readonly epochs: readonly { readonly testLossNats: number }[];
  readonly lines: readonly string[];
  /** Of the first layer. */
  readonly weights: readonly number[];
}

async function inBrowser(device: string): Promise<Trained> {
  const tab = await browser.newPage();
  const said: string[] = [];
  tab.on("console", (message) => said.push(message.text()));
  tab.on("pageerror", (error) => said.push(error.message));
  await tab.goto(server.address);
  const call = `import("/run.js").then(({ run }) => run(${JSON.stringify([device, settings])}))`;
  const trained = await tab.evaluate<Trained>(call);
  assert.deepEqual(said, []);
  return trained;
}

async function inNode(): Promise<Trained> {
  using device = await openDevice("cpu", { simd: "128" });
  const lines: string[] = [];
  const net = new NinNet();
  const { batchSize, resize, epochs, lr } = settings;
  const result = await trainCh(
    net,
    new DataIterator(splits.train, { batchSize, resize, shuffle: true }),
    new DataIterator(splits.t10k, { batchSize, resize }),
    { epochs, lr, device, log: (line) => lines.push(line) },
  );
  const weights = [...net.stateDict()["model.0.0.weight"]!.data];
  return { ...result, trainLossNats: result.trainLossNats!, lines, weights };
}

test("a page trains on the CPU to the bits that Node comes to", { skip: noChromium }, async () => {
  const [here, there] = [await inNode(), await inBrowser("cpu")];
  assert.match(
    there.lines.join("\n"),
    /examples\/sec on cpu \(WebAssembly, relaxed SIMD, 128 bits.*threads\)/,
  );
  assert.deepEqual(there.weights, here.weights);
  assert.equal(there.trainLossNats, here.trainLossNats);
  assert.equal(there.epochs[0]!.testLossNats, here.epochs[0]!.testLossNats);
});

test("a page trains on WebGPU to what the CPU comes to, but for rounding", { skip: noChromium }, async () => {
  const [here, there] = [await inNode(), await inBrowser("gpu")];
  assert.match(there.lines.join("\n"), /examples\/sec on gpu \(WebGPU/);
  assert.ok(Math.abs(there.trainLossNats - here.trainLossNats) < 1e-4 * here.trainLossNats);
  const [worst, largest] = [
    Math.max(...there.weights.map((value, i) => Math.abs(value - here.weights[i]!))),
    Math.max(...here.weights.map(Math.abs)),
  ];
  assert.ok(worst < 1e-3 * largest, `weights are apart by ${worst}`);
});

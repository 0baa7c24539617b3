/** The packed library without a page: bundled for Node, and in other runtimes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Apps, run, runTool, tool, wantsAll } from "./apps.js";
import type { Trained } from "./outcome.js";
import { copyKernels } from "./page-tools.js";

let apps: Apps;
let inNode: Trained;

before(() => {
  apps = new Apps();
  inNode = JSON.parse(run(apps.library.app, process.execPath, "in-node.js")) as Trained;
});

after(() => apps?.[Symbol.dispose]());

const worker = "worker=node_modules/nin-net/dist/backends/wasm/worker.js";

/** @returns a folder that holds nothing but the bundle */
function bundleForNode(name: string, format: "esm" | "cjs"): string {
  const folder = apps.create(name);
  const options = ["--bundle", "--platform=node", `--format=${format}`, "--outdir=out", "--log-level=error"];
  runTool(folder, "esbuild/bin/esbuild", "in-node.js", worker, ...options);
  copyKernels(folder);
  const alone = apps.create(`${name}-alone`, {
    "package.json": format === "esm" ? '{"type":"module"}' : "{}",
  });
  for (const entry of ["node_modules", "train.js"]) rmSync(join(alone, entry), { recursive: true });
  cpSync(join(folder, "out"), alone, { recursive: true });
  return alone;
}

test("a bundle for Node by esbuild trains to the same bits, away from node_modules", () => {
  const folder = bundleForNode("esbuild-node", "esm");
  const { trainLossNats, digest } = JSON.parse(run(folder, process.execPath, "in-node.js")) as Trained;
  assert.deepEqual({ trainLossNats, digest }, { trainLossNats: inNode.trainLossNats, digest: inNode.digest });
});

/** @returns what a bundle says on stderr before it fails */
function complaint(folder: string): string {
  const { status, stderr } = spawnSync(process.execPath, ["in-node.js"], {
    ...{ cwd: folder, encoding: "utf8", timeout: 600_000 },
  });
  assert.equal(status, 1);
  return stderr
    .trim()
    .replaceAll(folder, "<folder>")
    .replace(/^NinError: Thread \d/, "NinError: Thread <n>");
}

test("what such a bundle lacks is named", () => {
  const folder = bundleForNode("esbuild-node-incomplete", "esm");
  rmSync(join(folder, "worker.js"));
  assert.equal(
    complaint(folder),
    "NinError: Thread <n> of the CPU backend did not start: Cannot find module '<folder>/worker.js'. " +
      "It belongs beside the bundled script: see Bundlers in the README of nin-net.",
  );
  const kernels = "kernels-relaxed-shared.wasm";
  rmSync(join(folder, kernels));
  assert.equal(
    complaint(folder),
    `NinError: Cannot load ${kernels} from file://<folder>/${kernels}: there is no such file. ` +
      "Copy node_modules/nin-net/dist/backends/wasm/kernels-*.wasm to that folder, or let the bundler do it: " +
      "see Bundlers in the README of nin-net.",
  );
});

test("a bundle in CommonJS says why it finds nothing", () => {
  assert.equal(
    complaint(bundleForNode("esbuild-commonjs", "cjs")),
    "NinError: kernels-relaxed-shared.wasm cannot be found: this script was bundled in a format without import.meta.url. " +
      "Bundle it as an ES module, with esbuild by --format=esm.",
  );
});

if (wantsAll) {
  test("Deno trains to the same bits", () => {
    const trained = runTool(apps.create("deno"), "deno/bin.cjs", ..."run --allow-all in-node.js".split(" "));
    const { trainLossNats, digest } = JSON.parse(trained) as Trained;
    assert.deepEqual(
      { trainLossNats, digest },
      { trainLossNats: inNode.trainLossNats, digest: inNode.digest },
    );
  });

  test("Bun, whose engine takes no flags and has no relaxed SIMD, trains with 128 bits to the same but for rounding", () => {
    const bun = tool("@oven/bun-linux-x64/bin/bun");
    const { device, trainLossNats } = JSON.parse(
      run(apps.create("bun"), bun, "in-node.js", "auto"),
    ) as Trained;
    assert.match(device, /SIMD, 128 bits/);
    assert.ok(Math.abs(trainLossNats - inNode.trainLossNats) < 1e-5 * inNode.trainLossNats);
  });
}

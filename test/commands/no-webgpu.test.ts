/** What becomes of --device gpu where the package webgpu is missing or broken: in a copy of this package. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { copyPackages } from "../cli/package-copy.js";
import { type Ended, runNin } from "../cli/run-nin.js";

let root: string;
const webgpu = () => join(root, "node_modules", "webgpu");

before(() => {
  root = mkdtempSync(join(tmpdir(), "nin-test-"));
  copyPackages(root, { without: "webgpu" });
});
after(() => rmSync(root, { recursive: true, force: true }));

/** With software allowed, so that Dawn is looked for on machines without a GPU too. */
function nin(...args: readonly string[]): Promise<Ended> {
  return runNin(args, { root, env: { NIN_SOFTWARE_GPU: "1" } });
}

const train = ["train", "--device", "gpu", "--dataset", "drawn", "--limit", "2", "--out", "run"];

test("without the package webgpu, --device gpu says how to get it; everything else works", async () => {
  const sentence = "The package webgpu is not installed, which opens GPUs in Node. Run npm install webgpu.";
  const { status, stderr } = await nin(...train);
  assert.deepEqual([status, stderr], [1, `error: ${sentence}\n`]);
  const devices = await nin("devices", "--threads", "1");
  assert.equal(devices.status, 0);
  assert.match(devices.stdout, /^gpu \(not available: /);
  assert.ok(devices.stdout.includes(sentence));
  assert.match(devices.stdout, /\n--device auto takes cpu\.\n$/);
});

test("a package webgpu that does not load is told with the reason", async (t) => {
  t.after(() => rmSync(webgpu(), { recursive: true }));
  mkdirSync(webgpu());
  writeFileSync(join(webgpu(), "package.json"), '{"name":"webgpu","type":"module","exports":"./index.js"}');
  writeFileSync(join(webgpu(), "index.js"), 'throw new Error("dawn.node: wrong ELF class\\nand more");');
  const { status, stderr } = await nin(...train);
  assert.equal(status, 1);
  assert.equal(
    stderr,
    "error: The package webgpu does not load: dawn.node: wrong ELF class. Install it again with npm install webgpu.\n",
  );
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { synthetic } from "#nin-net/data/datasets/synthetic.js";
import { describeData } from "#nin-net/data/describe-data.js";
import type { LoadOptions } from "#nin-net/data/load-dataset.js";
import { contents, smallEntry, TemporaryFolder, withDataDir } from "./fixtures.js";

async function describe(dataDir: string | undefined, cacheDir: string, options: LoadOptions = {}) {
  const definitions = [smallEntry(), { ...smallEntry(), name: "mnist" }, synthetic];
  return withDataDir(dataDir, () => describeData({ cacheDir, ...options }, definitions));
}

test("tells of every data set and folder what is there and whether it verifies", async () => {
  using folder = new TemporaryFolder();
  const cacheDir = join(folder.path, "cache");
  const whole = folder.writeDataset("shared/fashion-mnist");
  const partial = folder.writeDataset("shared/mnist", { testImages: null });
  const damaged = folder.writeDataset("cache/mnist", {
    trainImages: gzipSync(contents.trainImages).subarray(0, 99),
  });
  const [fashion, digits, drawn] = await describe(join(folder.path, "shared"), cacheDir);
  assert.ok(fashion && digits && drawn);

  assert.deepEqual(
    fashion.places.map(({ origin, folder: at, status }) => [origin, at, status]),
    [
      ["NIN_DATA_DIR", whole, { kind: "verified" }],
      ["cache", join(cacheDir, "fashion-mnist"), { kind: "absent" }],
    ],
  );
  assert.deepEqual(fashion.places[0]!.files[1], {
    name: "train-labels-idx1-ubyte",
    found: { path: join(whole, "train-labels-idx1-ubyte.gz"), bytes: gzipSync(contents.trainLabels).length },
  });

  assert.deepEqual(digits.places[0]!.folder, partial);
  assert.deepEqual(digits.places[0]!.status, { kind: "incomplete", missing: ["t10k-images-idx3-ubyte"] });
  const problem = digits.places[1]!.status;
  assert.ok(problem.kind === "problem");
  assert.match(problem.message, /train-images-idx3-ubyte\.gz: got gzip data that ends too early/);
  assert.equal(digits.places[1]!.folder, damaged);

  assert.deepEqual([drawn.name, drawn.places], ["synthetic", []]);
});

test("looks at a named folder alone, and does not claim what it did not check", async () => {
  using folder = new TemporaryFolder();
  folder.writeDataset("fashion-mnist");
  const options = { dataDir: folder.path, verify: false };
  const [fashion] = await describe(undefined, join(folder.path, "cache"), options);
  assert.deepEqual(
    fashion!.places.map(({ origin, status }) => [origin, status.kind]),
    [["dataDir", "readable"]],
  );
});

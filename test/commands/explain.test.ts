import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { runNin, temporaryFolder } from "../cli/run-nin.js";
import { untrainedRun } from "../cli/untrained-run.js";

/** Width of a PNG; fails if it is none, or all of one colour. */
async function widthOfDrawing(file: string): Promise<number> {
  const { format, width } = await sharp(file).metadata();
  assert.equal(format, "png");
  const { channels } = await sharp(file).stats();
  assert.ok(channels[0]!.stdev > 5, `${file} is blank`);
  return width;
}

test("nin explain draws a picture for each image, into the run if nothing else is said", async (t) => {
  const run = await untrainedRun(t);
  const { status, stdout, stderr } = await runNin(["explain", run, "--dataset", "drawn", "--index", "3,4"]);
  const files = [3, 4].map((index) => join(run, "explain", `synthetic-${index}.explain.png`));
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 3);
  files.forEach((file, i) => {
    assert.match(lines[i]!, /^synthetic \d \([\w -]+\): [\w -]+ \d+\.\d% -> /);
    assert.ok(lines[i]!.endsWith(` -> ${file}`));
  });
  assert.match(lines[2]!, /^\d of 2 right$/);
  for (const file of files) assert.equal(await widthOfDrawing(file), 992);
  // Once for the call, not once for each picture.
  assert.equal(
    stderr,
    "note: At --resize 67 the class maps have only 1x1 pixels and hardly tell where. " +
      "A network trained with --resize 224 has maps of 5x5.\n",
  );
  assert.equal(status, 0);
});

test("nin explain --json gives the maps, and their averages are the scores", async (t) => {
  const run = await untrainedRun(t);
  const out = temporaryFolder(t);
  const { stdout } = await runNin([
    ...["explain", run, "--dataset", "drawn", "--index", "5"],
    ...["--class", "Ankle Boot", "--out", out, "--json"],
  ]);
  const result = JSON.parse(stdout) as {
    file: string;
    class: string;
    classes: { name: string; probability: number; score: number; map: number[][] }[];
  };
  assert.equal(result.file, join(out, "synthetic-5.explain.png"));
  assert.ok(existsSync(result.file));
  assert.equal(result.classes.length, 10);
  assert.equal(result.classes[9]!.name, "ankle boot");
  for (const { score, map } of result.classes) {
    const values = map.flat();
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    assert.ok(Math.abs(score - mean) <= 1e-6 * Math.abs(mean));
  }
  const likeliest = result.classes.reduce((best, each) =>
    each.probability > best.probability ? each : best,
  );
  assert.equal(result.class, likeliest.name);
});

test("nin explain --layer and --filters draw grids", async (t) => {
  const run = await untrainedRun(t);
  const out = temporaryFolder(t);
  const args = ["explain", run, "--dataset", "drawn", "--index", "5", "--out", out];
  const { status, stdout } = await runNin([...args, "--layer", "0.0", "--filters"]);
  assert.match(stdout, /^filters of the first layer -> .*\nsynthetic 5 \(.*\): .* -> .*\n$/);
  assert.deepEqual(readdirSync(out).sort(), ["first-layer.filters.png", "synthetic-5.layer-0.0.png"]);
  for (const name of readdirSync(out)) await widthOfDrawing(join(out, name));
  assert.equal(status, 0);

  const alone = await runNin(["explain", run, "--filters", "--out", out, "--json"]);
  assert.deepEqual(JSON.parse(alone.stdout), { file: join(out, "first-layer.filters.png") });
});

test("a broken picture is told, the others are drawn", async (t) => {
  const run = await untrainedRun(t);
  const out = temporaryFolder(t);
  const file = join(out, "box.jpg");
  await sharp({ create: { width: 80, height: 80, channels: 3, background: "white" } })
    .composite([{ input: { create: { width: 40, height: 20, channels: 3, background: "black" } } }])
    .jpeg()
    .toFile(file);
  const { status, stderr } = await runNin(["explain", run, join(out, "gone.jpg"), file, "--out", out]);
  assert.match(stderr, /^error: .*gone\.jpg: no such file, expected an image\. Check the path\.\n/);
  assert.match(stderr, /\n1 of 2 pictures was left out; the others are done\.\n$/);
  assert.equal(await widthOfDrawing(join(out, "box.explain.png")), 992);
  assert.equal(status, 1);
});

const wrongNames: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [
    ["--class", "hat"],
    /^error: --class: got "hat", expected t-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag or ankle boot\.\n/,
  ],
  [
    ["--layer", "12"],
    /^error: --layer "12": there is none, expected the index of one of 0 Sequential, 1 MaxPool2d, .*9 Flatten, or one inside, such as 0\.0\.\n/,
  ],
];
for (const [args, message] of wrongNames) {
  test(`nin explain ${args.join(" ")}: says what there is, exits 2`, async (t) => {
    const run = await untrainedRun(t);
    const { status, stderr } = await runNin(["explain", run, "--dataset", "drawn", "--index", "0", ...args]);
    assert.match(stderr, message);
    assert.equal(status, 2);
  });
}

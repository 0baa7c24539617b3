import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import type { TrainEvent } from "#nin-net/train/events.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";
import { runOrt } from "../interop/onnx/ort.js";
import { drawFolders, drawPicture } from "../picture-folder/drawn-pictures.js";

interface Predicted {
  readonly class: string;
  readonly ranked: readonly { readonly index: number; readonly name: string; readonly probability: number }[];
}

test("twenty pictures of each of three shapes become a network, a report, an answer and a model in ONNX", async (t) => {
  const folder = temporaryFolder(t);
  const env = { XDG_CACHE_HOME: join(folder, "cache") };
  const [photos, out] = [join(folder, "photos"), join(folder, "run")];
  const nin = (...args: readonly string[]) => runNin(args, { env });
  await drawFolders(photos, 20);

  const trained = await nin("train", "--dataset", photos, "--size", "48", "--threads", "2", "--out", out);
  assert.equal(trained.status, 0, trained.stderr);
  assert.match(
    trained.stderr,
    /^Reading 60 pictures\nphotos: 60 pictures in 3 classes, in colour, as some of them are; scaled and cropped to 48 x 48; split by their content, about 0\.2 to test on\nclass +pictures +train +test\ncircle +20 +\d+ +\d+\nsquare .*\ntriangle .*\nSmallNin, 310,323 parameters, on photos\/\n/,
  );
  const [, accuracy = ""] = /test acc (\d\.\d+)\n/.exec(trained.stdout) ?? [];
  assert.ok(Number(accuracy) >= 0.75, trained.stdout);
  const report = readFileSync(join(out, "report.html"), "utf8");
  assert.match(report, /<h1>Small Network in Network on photos<\/h1>/);
  const shown = [...report.matchAll(/title="([^"]+)" /g)].map(([, name]) => name!);
  assert.ok(shown.length >= 6, report);
  for (const name of shown) assert.ok(existsSync(join(photos, name)), name);

  await t.test("a new picture is prepared as those were, and recognised", async () => {
    const picture = join(folder, "new.jpg");
    await drawPicture(picture, "triangle", { seed: 4711 });
    const saved = join(folder, "saved");
    const args = ["predict", out, picture, "--json", "--top", "3", "--save-input", saved];
    const { stdout, stderr } = await nin(...args);
    assert.equal(stderr, "");
    const predicted = JSON.parse(stdout) as Predicted;
    assert.equal(predicted.class, "triangle");

    const model = join(folder, "nin.onnx");
    const exported = await nin("export", out, "--with-preprocess", "--out", model);
    assert.match(exported.stdout, /^ONNX model, pixels \[batch, 48, 48, 3\] uint8 -> logits \[batch, 3\], /);
    const pixels = await sharp(join(saved, "new.input.png")).raw().toBuffer();
    const { data: logits } = await runOrt(readFileSync(model), new Uint8Array(pixels), [1, 48, 48, 3]);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    for (const { index, probability } of predicted.ranked) {
      assert.ok(Math.abs(Math.exp(logits[index]!) / sum - probability) < 1e-4, `class ${index}`);
    }
    const explained = await nin("explain", out, picture, "--out", join(folder, "explained"));
    assert.match(explained.stdout, /^.*new\.jpg: triangle .* -> .*new\.explain\.png\n$/);
  });

  await t.test("evaluated again, the pictures are the same; the report is made from them too", async () => {
    const { stdout, stderr } = await nin("evaluate", out);
    assert.equal(stderr, "");
    assert.match(stdout, new RegExp(`^\\d+ test images of photos\\ntest loss .*, test acc ${accuracy}\\n`));
    assert.match((await nin("report", out)).stdout, /^Report: .*report\.html\n$/);
  });

  await t.test("the options in the report train the same network", async () => {
    const options = readFileSync(join(out, "report.html"), "utf8").match(
      /<code>nin train(.*?)<\/code>/s,
    )![1]!;
    const args = options
      .replaceAll(/<\/?span>/g, "")
      .trim()
      .split(/\s+/)
      .map((word) => word.replaceAll("&#39;", "'"));
    const [again, stopped] = ["again", "other"].map((name) => join(folder, name));
    const { status, stderr } = await nin("train", ...args, "--epochs", "2", "--out", again!);
    assert.equal(status, 0, stderr);
    const reference = ["train", "--dataset", photos, "--size", "48", "--epochs", "2", "--out", stopped!];
    assert.equal((await nin(...reference)).status, 0);
    const lossesOf = (run: string) =>
      readFileSync(join(run, "events.jsonl"), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as TrainEvent)
        .flatMap((event) => (event.kind === "step" ? [event.batchLossNats] : []));
    assert.deepEqual(lossesOf(again!), lossesOf(stopped!));
  });

  await t.test("where the pictures have gone, --data-dir says where to", async () => {
    const moved = join(folder, "elsewhere");
    renameSync(photos, moved);
    for (const args of [
      ["evaluate", out],
      ["report", out],
      ["train", "--resume", out],
    ]) {
      const { status, stderr } = await nin(...args);
      assert.equal(
        stderr,
        `error: ${photos}: is not there any more, expected the pictures that the run was trained on. ` +
          "Name where they lie now with --data-dir.\n",
      );
      assert.equal(status, 1);
    }
    const { stdout, status } = await nin("evaluate", out, "--data-dir", moved);
    assert.match(stdout, new RegExp(`test acc ${accuracy}\\n`));
    assert.equal(status, 0);
    const resumed = await nin("train", "--resume", out, "--data-dir", moved, "--quiet");
    assert.match(resumed.stderr, /^All 30 epochs were done already\.\n$/);
  });

  await t.test("where they have changed, an evaluation says so and a resume is refused", async () => {
    const moved = join(folder, "elsewhere");
    await drawPicture(join(moved, "circle", "more.png"), "circle", { seed: 99 });
    const evaluated = await nin("evaluate", out, "--data-dir", moved);
    assert.match(
      evaluated.stderr,
      /note: The data in .*elsewhere is not what this run was trained with\.\n$/,
    );
    assert.equal(evaluated.status, 0);
    const resumed = await nin("train", "--resume", out, "--data-dir", moved, "--quiet");
    assert.match(
      resumed.stderr,
      /^error: .*elsewhere: elsewhere there is not what the run was begun with \(SHA-256 .*\)\. Give that data with --data-dir, or train a new run\.\n$/,
    );
    assert.equal(resumed.status, 1);
    const other = await nin("train", "--resume", out, "--size", "32");
    assert.match(
      other.stderr,
      /^error: --size: got 32 beside --resume, but a run goes on with its own data\. Leave it out\.\n/,
    );
    assert.equal(other.status, 2);
  });

  await t.test("another run begins from its weights, on the same pictures and on others", async () => {
    const moved = join(folder, "elsewhere");
    const again = await nin(
      "train",
      "--from",
      out,
      "--data-dir",
      moved,
      "--epochs",
      "1",
      "--out",
      join(folder, "a"),
    );
    assert.equal(again.status, 0, again.stderr);
    assert.match(again.stderr, /scaled and cropped to 48 x 48/);
    const others = join(folder, "others");
    for (const shape of ["circle", "square"] as const) {
      for (let i = 0; i < 4; i++)
        await drawPicture(join(others, shape, `${i}.png`), shape, { seed: 500 + i });
    }
    const args = ["--from", out, "--dataset", others, "--epochs", "1"];
    const refused = await nin("train", ...args, "--out", join(folder, "b"));
    assert.match(
      refused.stderr,
      /error: --from: .* tells 3 classes apart, but there are 2 \(others\)\. Add --new-head/,
    );
    const begun = await nin("train", ...args, "--new-head", "--out", join(folder, "b"));
    assert.equal(begun.status, 0, begun.stderr);
  });
});

test("the tutorial's network takes pictures of its own size, and says which size is too small", async (t) => {
  const folder = temporaryFolder(t);
  const env = { XDG_CACHE_HOME: join(folder, "cache") };
  const photos = join(folder, "photos");
  await drawFolders(photos, 4, { grey: true });
  const args = ["train", "--dataset", photos, "--net", "nin"];
  const small = await runNin([...args, "--size", "66"], { env });
  assert.match(
    small.stderr,
    /^error: --size: got "66", expected 67 or more: smaller images do not fill the last pooling window\.\n/,
  );
  assert.equal(small.status, 2);
  assert.ok(!existsSync(env.XDG_CACHE_HOME), "no picture was read before");
  const out = join(folder, "run");
  const { status, stderr } = await runNin([...args, "--epochs", "1", "--out", out], { env });
  assert.equal(status, 0, stderr);
  assert.match(
    stderr,
    /12 pictures in 3 classes, grey, as all of them are; scaled and cropped to 224 x 224;/,
  );
});

test("classes of different sizes are told of, and count alike on request", async (t) => {
  const folder = temporaryFolder(t);
  const env = { XDG_CACHE_HOME: join(folder, "cache") };
  const photos = join(folder, "photos");
  for (const [shape, count] of [
    ["circle", 16],
    ["square", 4],
  ] as const) {
    for (let i = 0; i < count; i++) {
      const half = i % 4 === 0 ? "test" : "train";
      await drawPicture(join(photos, half, shape, `${i}.png`), shape, { seed: i });
    }
  }
  const out = join(folder, "run");
  const args = ["--dataset", photos, "--size", "16", "--epochs", "1", "--out", out];
  const { status, stderr } = await runNin(["train", ...args, "--class-weights", "balanced"], { env });
  assert.equal(status, 0, stderr);
  assert.match(
    stderr,
    /split as they lie\nclass +pictures +train +test\ncircle +16 +12 +4\nsquare +4 +3 +1\n/,
  );
  assert.match(
    stderr,
    /\nThe largest class, circle, has 4\.0 times the training pictures of the smallest, square: --class-weights balanced makes them count alike\.\n/,
  );
  const { recipe } = JSON.parse(readFileSync(join(out, "config.json"), "utf8")) as {
    recipe: { classWeights: number[] };
  };
  // 15 training images in two classes, 12 and 3 of each.
  assert.deepEqual(recipe.classWeights, [15 / 24, 15 / 6]);
  assert.match(readFileSync(join(out, "report.html"), "utf8"), /--class-weights balanced/);
  const changed = await runNin(["train", "--resume", out, "--class-weights", "none"], { env });
  assert.match(
    changed.stderr,
    /error: --class-weights: got none, but the run was begun with balanced\. A run goes on/,
  );
  const share = await runNin(["train", ...args.slice(0, -1), `${out}2`, "--test-share", "0.3"], { env });
  assert.match(
    share.stderr,
    /^error: --test-share: got 0\.3, but .*photos says which pictures are tested on\. Leave it out\.\n$/,
  );
});

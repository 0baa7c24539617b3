import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import sharp from "sharp";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { fashionMnist } from "#nin-net/data/datasets/fashion-mnist.js";
import { syntheticDataset } from "#nin-net/data/datasets/synthetic.js";
import { imageBatch, type Prediction, predict } from "#nin-net/inference/predict.js";
import { preparePicture } from "#nin-net/inference/prepare-picture.js";
import { NinNet } from "#nin-net/models/nin.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";
import { untrainedRun } from "../cli/untrained-run.js";
import { TemporaryFolder } from "../data/fixtures.js";
import { smallRecipe } from "../small-recipe.js";

/** Dark, on white, 90 x 120. */
const bottle = sharp({ create: { width: 90, height: 120, channels: 3, background: "white" } }).composite([
  { input: { create: { width: 30, height: 70, channels: 3, background: "#204050" } }, left: 30, top: 40 },
  { input: { create: { width: 10, height: 30, channels: 3, background: "#803020" } }, left: 40, top: 10 },
]);

const { classes } = fashionMnist;

/** What the untrained network says, by the library. */
async function said(pixels: Uint8Array): Promise<Prediction> {
  return (
    await predict(
      new NinNet(),
      imageBatch([pixels], { channels: 1, height: 28, width: 28 }, { resize: 67 }),
      { classes },
    )
  )[0]!;
}

async function bottlePixels(): Promise<Uint8Array> {
  const { data, info } = await bottle.clone().raw().toBuffer({ resolveWithObject: true });
  return preparePicture({ width: info.width, height: info.height, data }).pixels;
}

const percent = (probability: number) => `${(100 * probability).toFixed(1)}%`;

test("nin predict says what the library says, keeps what the network saw, and sees the same in it", async (t) => {
  const run = await untrainedRun(t);
  const folder = temporaryFolder(t);
  const picture = join(folder, "bottle.png");
  await bottle.clone().png().toFile(picture);
  const inputs = join(folder, "inputs");

  const { status, stdout, stderr } = await runNin(["predict", run, picture, "--save-input", inputs]);
  const pixels = await bottlePixels();
  const { ranked } = await said(pixels);
  const best = ranked.slice(0, 3).map(({ name, probability }) => `${name} ${percent(probability)}`);
  assert.equal(stderr, "");
  assert.equal(stdout, `${picture}: ${best.join(", ")}\n`);
  assert.equal(status, 0);

  const kept = join(inputs, "bottle.input.png");
  const { width, height } = await sharp(kept).metadata();
  assert.deepEqual([width, height], [28, 28]);
  assert.deepEqual([...(await sharp(kept).extractChannel(0).raw().toBuffer())], [...pixels]);
  const again = await runNin(["predict", run, kept]);
  assert.equal(again.stdout.slice(kept.length), stdout.slice(picture.length));
});

test("nin predict --json --top 2 prints an object a line; - is standard input", async (t) => {
  const run = await untrainedRun(t);
  const input = await bottle.clone().webp({ lossless: true }).toBuffer();
  const { stdout, status } = spawnSync(
    process.execPath,
    ["bin/nin.js", "predict", run, "-", "--json", "--top", "2", "--device", "reference"],
    { input, encoding: "utf8" },
  );
  assert.equal(status, 0);
  const result = JSON.parse(stdout) as { ranked: { index: number; name: string; probability: number }[] };
  const { ranked, top } = await said(await bottlePixels());
  assert.deepEqual(
    { ...result, probability: 0, ranked: result.ranked.map(({ index, name }) => ({ index, name })) },
    {
      picture: "standard input",
      class: top.name,
      probability: 0,
      ranked: ranked.slice(0, 2).map(({ index, name }) => ({ index, name })),
      inverted: true,
    },
  );
  assert.ok(Math.abs(result.ranked[0]!.probability - top.probability) < 1e-5);
});

test("nin predict --dataset takes test images as they are, and counts what is right", async (t) => {
  const run = await untrainedRun(t);
  const { test: images } = await syntheticDataset();
  const indices = [7, 0, 1, 2];
  const ended = await runNin(["predict", run, "--dataset", "drawn", "--index", "7,0-2", "--top", "1"]);
  const lines: string[] = [];
  let right = 0;
  for (const index of indices) {
    const { top } = await said(images.images.slice(index * 784, (index + 1) * 784));
    const label = images.labels[index]!;
    if (top.index === label) right++;
    lines.push(`synthetic ${index} (${classes[label]}): ${top.name} ${percent(top.probability)}`);
  }
  assert.equal(ended.stdout, [...lines, `${right} of 4 right`, ""].join("\n"));
  assert.equal(ended.status, 0);
});

test("images of another data set are named as such, and none of its labels is taken for one of the run's", async (t) => {
  const run = await untrainedRun(t);
  using data = new TemporaryFolder();
  data.writeDataset("mnist");
  const own = ["--data-dir", data.path, "--no-verify", "--index", "0-2", "--top", "1"];
  const digits = await runNin(["predict", run, "--dataset", "mnist", ...own]);
  assert.equal(
    digits.stderr,
    "note: The run was trained on synthetic garments, and these are images of MNIST: the answer is always one of its " +
      "own classes (t-shirt, trouser, pullover, dress, ...).\n",
  );
  assert.match(digits.stdout, /^mnist 0 \(\d\): .*\nmnist 1 \(\d\): .*\nmnist 2 \(\d\): [^\n]*\n$/); // none is counted as right
  const json = await runNin(["predict", run, "--dataset", "mnist", ...own, "--json"]);
  const [first] = json.stdout.split("\n");
  assert.match((JSON.parse(first!) as { trueClass: string }).trueClass, /^\d$/);

  data.writeDataset("fashion-mnist");
  const garments = await runNin(["predict", run, "--dataset", "fashion-mnist", ...own]);
  assert.equal(
    garments.stderr,
    "note: The run was trained on synthetic garments, and these are images of Fashion-MNIST: what comes out right here " +
      "says little about the others.\n",
  );
  assert.match(garments.stdout, /\n\d of 3 right\n$/);
});

test("of a thousand files with broken ones among them, the others are done, and nin exits 1", async (t) => {
  const run = await untrainedRun(t);
  const folder = temporaryFolder(t);
  const first = join(folder, "0000.png");
  await sharp(await bottle.clone().png().toBuffer())
    .resize(30)
    .toFile(first);
  const paths = Array.from({ length: 1000 }, (_, i) => join(folder, `${i}`.padStart(4, "0").concat(".png")));
  for (const path of paths.slice(1)) copyFileSync(first, path);
  writeFileSync(paths[500]!, "");
  writeFileSync(paths[700]!, readFileSync(first).subarray(0, 60));

  const { status, stdout, stderr } = await runNin(["predict", run, ...paths, "--top", "1"]);
  assert.equal(
    stderr,
    `error: ${paths[500]}: is empty, expected an image. Save or send it again.\n` +
      `error: ${paths[700]}: is damaged or of an unsupported kind, expected a whole one. Save or send it again.\n` +
      "2 of 1,000 pictures were left out; the others are done.\n",
  );
  const done = stdout.trimEnd().split("\n");
  assert.deepEqual(
    done.map((line) => line.split(": ")[0]),
    paths.filter((_, i) => i !== 500 && i !== 700),
  );
  assert.equal(new Set(done.map((line) => line.split(": ")[1])).size, 1);
  assert.equal(status, 1);
});

test("nin predict says of each file why it is no picture", async (t) => {
  const run = await untrainedRun(t);
  const folder = temporaryFolder(t);
  const blank = join(folder, "blank.png");
  await sharp({ create: { width: 9, height: 9, channels: 3, background: "white" } })
    .png()
    .toFile(blank);
  const notes = join(folder, "notes.txt");
  writeFileSync(notes, "no picture");
  const gone = join(folder, "gone.png");
  const within = join(notes, "it.png");
  const long = join(folder, `${"long".repeat(99)}.png`);
  const { status, stdout, stderr } = await runNin([
    "predict",
    run,
    blank,
    notes,
    gone,
    folder,
    within,
    long,
    "--json",
  ]);
  const reasons = [
    [blank, "has one colour all over, expected something on a background. Give another picture."],
    [notes, "is text, expected PNG, JPEG, WebP, AVIF, GIF or TIFF. Give a file of one of these."],
    [gone, "no such file, expected an image. Check the path."],
    [folder, "is a folder, expected an image. Name the files in it, as with *.png."],
    [
      within,
      "cannot be read (a part of its path is a file, not a folder), expected an image. Check the path.",
    ],
    [long, "cannot be read (its name is too long), expected an image. Check the path."],
  ];
  assert.equal(
    stderr,
    reasons.map(([name, reason]) => `error: ${name}: ${reason}\n`).join("") +
      "6 of 6 pictures were left out; the others are done.\n",
  );
  assert.deepEqual(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object),
    reasons.map(([picture, error]) => ({ picture, error })),
  );
  assert.equal(status, 1);
});

test("pictures of one name are kept beside each other", async (t) => {
  const run = await untrainedRun(t);
  const folder = temporaryFolder(t);
  for (const part of ["a", "b"]) {
    mkdirSync(join(folder, part));
    await bottle
      .clone()
      .png()
      .toFile(join(folder, part, "it.png"));
  }
  const inputs = join(folder, "inputs");
  const paths = ["a", "b"].map((part) => join(folder, part, "it.png"));
  await runNin(["predict", run, ...paths, "--save-input", inputs]);
  assert.deepEqual(readdirSync(inputs).sort(), ["it-2.input.png", "it.input.png"]);
});

test("inputs are not kept where a file lies", async (t) => {
  const run = await untrainedRun(t);
  const file = join(temporaryFolder(t), "notes.txt");
  writeFileSync(file, "");
  for (const [path, reason] of [
    [file, "a file is there already"],
    [join(file, "inputs"), "a part of its path is a file, not a folder"],
  ] as const) {
    const images = ["--dataset", "drawn", "--index", "0"];
    const { status, stderr } = await runNin(["predict", run, ...images, "--save-input", path]);
    assert.equal(
      stderr,
      `error: ${path}: cannot be written: ${reason}. Choose a folder that can be written to.\n`,
    );
    assert.equal(status, 1);
  }
});

test("Ctrl-C ends the wait for standard input", async (t) => {
  const run = await untrainedRun(t);
  const child = spawn(process.execPath, ["bin/nin.js", "predict", run, "-", "--device", "reference"], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const closed = once(child, "close");
  // More than a pipe holds: when all is taken, the program is reading.
  await new Promise((resolve) => child.stdin.write(Buffer.alloc(1_000_000), resolve));
  child.kill("SIGINT");
  const [status] = (await closed) as [number | null];
  assert.equal(stderr, "Stopped; what is printed above is done.\n");
  assert.equal(status, 130);
});

/** A run, a named pipe and a picture. */
async function pipeAndPicture(t: TestContext): Promise<{ run: string; pipe: string; picture: string }> {
  const run = await untrainedRun(t);
  const folder = temporaryFolder(t);
  const [pipe, picture] = [join(folder, "pipe"), join(folder, "bottle.png")];
  assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
  await bottle.clone().png().toFile(picture);
  return { run, pipe, picture };
}

const noPipes = process.platform === "win32" && "Windows has no named pipes among its files";

test("Ctrl-C and SIGTERM end the wait for pipes that nobody writes to", { skip: noPipes }, async (t) => {
  const { run, pipe, picture } = await pipeAndPicture(t);
  // As many pictures as are read at a time, then more pipes than there are threads to wait in.
  const images = [...Array<string>(32).fill(picture), ...Array<string>(8).fill(pipe)];
  for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    const child = spawn(process.execPath, ["bin/nin.js", "predict", run, ...images, "--device", "cpu"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    t.after(() => child.kill("SIGKILL"));
    let lines = 0;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      lines += text.split("\n").length - 1;
      // The pipes come next; let the child get there.
      if (lines === 32) setTimeout(() => child.kill(signal), 300);
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const hung = setTimeout(() => child.kill("SIGKILL"), 60_000);
    const ended = await once(child, "close");
    clearTimeout(hung);
    assert.deepEqual([...ended, stderr], [status, null, "Stopped; what is printed above is done.\n"]);
  }
});

test("a pipe is waited for and read as a file is, a shell's <(command) too", { skip: noPipes }, async (t) => {
  const { run, pipe, picture } = await pipeAndPicture(t);
  const shell = (command: string) =>
    spawnSync("bash", ["-c", command, process.execPath, "bin/nin.js", run, picture, pipe], {
      encoding: "utf8",
    });
  const { stdout } = shell('"$0" "$1" predict "$2" "$3"');
  const said = stdout.slice(picture.length);
  assert.match(said, /^: \w/);

  const late = shell('(sleep 1; cat "$3" > "$4") & "$0" "$1" predict "$2" "$4"');
  assert.deepEqual([late.stderr, late.stdout, late.status], ["", `${pipe}${said}`, 0]);

  const piped = shell('"$0" "$1" predict "$2" <(cat "$3") <(true)');
  assert.match(piped.stdout, /^\/dev\/fd\/\d+: /);
  assert.equal(piped.stdout.replace(/^[^:]+/, ""), said);
  assert.match(piped.stderr, /^error: \/dev\/fd\/\d+: is empty, expected an image\. /);
  assert.equal(piped.status, 1);
});

test("a file in the place of the run's folder is refused as one", async (t) => {
  const run = await untrainedRun(t);
  const checkpoint = join(run, "checkpoint.safetensors");
  for (const args of [
    ["predict", checkpoint, "boot.png"],
    ["evaluate", checkpoint],
    ["train", "--resume", checkpoint],
  ]) {
    const { status, stderr } = await runNin(args);
    assert.equal(
      stderr,
      `error: ${checkpoint}: is a file, expected a run's folder, as nin train names it at its end.\n`,
    );
    assert.equal(status, 1);
  }
});

test("nin predict of no run, and of an image that the data set does not have", async (t) => {
  const none = await runNin(["predict", "runs/none", "boot.png"]);
  assert.equal(
    none.stderr,
    "error: runs/none: no such folder, expected a run's, as nin train names it at its end.\n",
  );
  assert.equal(none.status, 1);
  const run = await untrainedRun(t);
  const outside = await runNin(["predict", run, "--dataset", "drawn", "--index", "1000"]);
  assert.match(
    outside.stderr,
    /^error: --index: got 1000, expected 0 to 999: synthetic has 1,000 test images\.\n/,
  );
  assert.equal(outside.status, 2);
});

test("images of another kind than the run's are refused, with what to give instead", async (t) => {
  const asked = ["--dataset", "cifar-10", "--index", "0"];
  const drawn = await runNin(["predict", await untrainedRun(t), ...asked]);
  assert.match(
    drawn.stderr,
    /^error: --dataset: got CIFAR-10, whose images are 32x32 of 3 channels, expected 28x28 of one channel\. Choose the data set that the run was trained on, .+\.\n/,
  );
  assert.equal(drawn.status, 2);
  const path = join(temporaryFolder(t), "run");
  const image = { channels: 1, height: 67, width: 67, classes: 10 };
  const classes = Array.from("abcdefghij");
  using run = await RunFolder.create(path, {
    recipe: { ...smallRecipe, dataset: "mine", resize: null },
    versions: {},
    datasetChecksum: null,
    pictures: { path: "/nowhere", classes, preparation: "photo", testShare: 0.2 },
    image,
    preprocessing: { resize: null, mean: null, std: null },
  });
  await run.saveCheckpoint(new NinNet(), { epoch: 1, step: 0 });
  const own = await runNin(["predict", path, ...asked]);
  assert.match(
    own.stderr,
    /expected 67x67 of one channel\. The run was trained on pictures of somebody's own: give picture files instead of --dataset\.\n/,
  );
});

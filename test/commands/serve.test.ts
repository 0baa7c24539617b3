import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import sharp from "sharp";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { ImageBatch } from "#nin-net/data/image-batch.js";
import { NinNet } from "#nin-net/models/nin.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";
import { smallRecipe } from "../small-recipe.js";

/** A run as training leaves it, with weights that nobody trained. */
async function untrainedRun(t: TestContext): Promise<string> {
  const path = join(temporaryFolder(t), "a run");
  const recipe = { ...smallRecipe, dataset: "synthetic", resize: 67 } as const;
  const run = await RunFolder.create(path, { recipe, versions: {}, datasetChecksum: null });
  await run.saveCheckpoint(new NinNet({ seed: 5 }), { epoch: 1, step: 0 });
  return path;
}

/** `nin serve` as a child process, once it listens. */
async function serve(t: TestContext, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(
    process.execPath,
    ["bin/nin.js", "serve", ...args, "--port", "0", "--threads", "1", "--json"],
    { env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  t.after(() => void child.kill("SIGKILL"));
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed.stderr += text;
  });
  const ended = once(child, "close");
  while (!printed.stdout.includes("\n")) {
    const happened = await Promise.race([once(child.stdout, "data"), ended.then(() => undefined)]);
    assert.ok(happened, printed.stderr);
  }
  const listening = JSON.parse(printed.stdout) as { kind: string; url: string; run: string };
  return { child, printed, ended, listening };
}

test("nin serve answers from a run's network and ends when asked to, having answered what is in flight", async (t) => {
  const path = await untrainedRun(t);
  const { child, printed, ended, listening } = await serve(t, [
    path,
    "--max-images",
    "200",
    "--max-batch",
    "1",
  ]);
  assert.deepEqual([listening.kind, listening.run], ["listening", path]);
  const { url } = listening;
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);

  const square = { create: { width: 40, height: 60, channels: 3, background: "navy" } } as const;
  const picture = sharp({ create: { width: 100, height: 100, channels: 3, background: "white" } }).composite([
    { input: square },
  ]);
  for (const format of ["png", "jpeg", "webp", "avif"] as const) {
    const body = Uint8Array.from(await picture.clone().toFormat(format).toBuffer());
    const headers = { "Content-Type": `image/${format}` };
    const response = await fetch(`${url}/v1/explain?top=10`, { method: "POST", body, headers });
    assert.equal(response.status, 200);
    const { explanations } = (await response.json()) as {
      explanations: { input: number[][]; top: { name: string; score: number }[] }[];
    };
    const [{ input, top }] = explanations as [(typeof explanations)[number]];
    // The square, light on black, in the middle; its score by the library.
    assert.ok(input[14]![14]! > 150 && input[0]![0] === 0, JSON.stringify(input[14]));
    const net = new NinNet({ seed: 5 });
    const bytes = Uint8Array.from(input.flat());
    const logits = await net.forward(
      new ImageBatch(bytes, { channels: 1, height: 28, width: 28 }, { resize: 67 }),
    );
    net.free();
    assert.equal(top.length, 10);
    assert.ok(Math.abs(top[0]!.score - Math.max(...logits.data)) < 1e-4);
    assert.ok(top.some(({ name }) => name === "ankle boot"));
  }

  const noise = await fetch(`${url}/v1/predict`, {
    method: "POST",
    body: "noise",
    headers: { "Content-Type": "image/png" },
  });
  assert.equal(noise.status, 422);
  assert.match(await noise.text(), /The body is text, expected PNG, JPEG/);

  const rows = Array.from({ length: 28 }, (_, i) => new Array<number>(28).fill(i));
  const many = fetch(`${url}/v1/predict`, {
    method: "POST",
    body: JSON.stringify({ images: new Array(200).fill(rows) }),
    headers: { "Content-Type": "application/json" },
  });
  for (let isWorking = false; !isWorking; ) {
    isWorking = /^nin_requests_in_flight 1$/m.test(await (await fetch(`${url}/metrics`)).text());
  }
  child.kill("SIGTERM");
  const { predictions } = (await (await many).json()) as { predictions: unknown[] };
  assert.equal(predictions.length, 200);
  assert.deepEqual(await ended, [0, null]);
  assert.equal(printed.stdout.split("\n")[1], '{"kind":"closed"}');
  assert.match(
    printed.stderr,
    /^note: This network was trained on synthetic images, not on Fashion-MNIST\.\nPaths: http.*\nStopping when 1 request is answered; Ctrl-C again stops at once\.\n$/,
  );
});

test("nin serve takes its token from the environment", async (t) => {
  const path = await untrainedRun(t);
  const { child, ended, listening } = await serve(t, [path, "--host", "0.0.0.0"], { NIN_TOKEN: "abc.def" });
  const url = listening.url.replace("0.0.0.0", "127.0.0.1");
  assert.equal((await fetch(`${url}/metrics`)).status, 401);
  assert.equal((await fetch(`${url}/metrics`, { headers: { Authorization: "Bearer abc.def" } })).status, 200);
  child.kill("SIGINT");
  assert.deepEqual(await ended, [0, null]);
});

test("nin serve takes a token as deployers set it, or says what is wrong with it", async (t) => {
  const path = await untrainedRun(t);
  const ended = await serve(t, [path], { NIN_TOKEN: "abc.def\r\n" });
  const authorized = { headers: { Authorization: "Bearer abc.def" } };
  assert.equal((await fetch(`${ended.listening.url}/metrics`, authorized)).status, 200);
  ended.child.kill("SIGTERM");
  const empty = await serve(t, [path], { NIN_TOKEN: "" });
  assert.equal((await fetch(`${empty.listening.url}/metrics`)).status, 200);
  empty.child.kill("SIGTERM");
  await Promise.all([ended.ended, empty.ended]);
  for (const [args, env, message] of [
    [["--host", "0.0.0.0"], "", /without --token, and \$NIN_TOKEN is empty\. Give a token/],
    [[], "abc def", /\$NIN_TOKEN: has white space at position 4 of 7, expected one or more/],
    [["--token", ""], "x", /--token: is empty, expected one or more/],
  ] as const) {
    const { status, stderr } = await runNin(["serve", path, ...args], { env: { NIN_TOKEN: env } });
    assert.match(stderr, message);
    assert.equal(status, 2);
    assert.doesNotMatch(stderr, /abc|def/);
  }
});

test("nin serve says what is wrong with run and address", async (t) => {
  const none = await runNin(["serve", "runs/none"]);
  assert.equal(
    none.stderr,
    "error: runs/none: no such folder, expected a run's, as nin train names it at its end.\n",
  );
  assert.equal(none.status, 1);
  const path = await untrainedRun(t);
  const { child, ended, listening } = await serve(t, [path]);
  const { port } = new URL(listening.url);
  const second = await runNin(["serve", path, "--port", port, "--threads", "1"]);
  assert.equal(
    second.stderr,
    `error: 127.0.0.1:${port} is in use. Choose another --port, or 0 for any that is free.\n`,
  );
  assert.equal(second.status, 1);
  child.kill("SIGTERM");
  await ended;
});

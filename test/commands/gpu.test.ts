import assert from "node:assert/strict";
import { test } from "node:test";
import { gpuEnvironment, noGpu } from "../backends/software-gpu.js";
import { runNin } from "../cli/run-nin.js";

const skip = await noGpu();
const env = gpuEnvironment();
const real = !env.VK_ICD_FILENAMES?.includes("swiftshader") && "there may be a real GPU here";

/** A call that must be refused before it trains. */
const trainOnGpu = "train --device gpu --dataset drawn --limit 2 --out /nonexistent/run".split(" ");

test("nin devices lists the GPU's adapter with backend, limits and features", { skip }, async () => {
  const options = { env: { ...env, NIN_SOFTWARE_GPU: "1" } };
  const { stdout } = await runNin(["devices", "--json", "--threads", "1"], options);
  const gpu = JSON.parse(stdout.split("\n")[0]!) as Record<string, unknown> & {
    adapter: { name: string; limits: Record<string, number>; features: string[] };
  };
  assert.equal(gpu.name, "gpu");
  assert.equal(gpu.available, true);
  assert.ok(gpu.adapter.name.length > 0);
  assert.ok(gpu.adapter.limits.maxBufferSize! >= 2 ** 28);
  assert.ok(gpu.adapter.features.includes("core-features-and-limits"));
  const { stdout: text } = await runNin(["devices", "--threads", "1"], options);
  assert.match(text, /^gpu \(WebGPU.*\n {2}tensors up to \d+ MiB\n {2}workgroups .*\n {2}features: .*\ncpu /);
});

test("software that plays a GPU is never taken by auto", { skip: skip || real }, async () => {
  const { stdout } = await runNin(["devices"], { env: { ...env, NIN_SOFTWARE_GPU: "1" } });
  assert.match(stdout, /\n--device auto takes cpu\.\n$/);
});

test("--device gpu fails with one sentence where there is none", { skip: skip || real }, async () => {
  const { status, stderr } = await runNin(trainOnGpu, { env });
  assert.equal(status, 1);
  assert.match(stderr, /^error: There is no GPU.*\.\n$/m);
});

test("nin profile times kernels by the GPU's clock", { skip }, async () => {
  const call = ["profile", "--device", "gpu", "--forward", "--batch-size", "1", "--resize", "67", "--json"];
  const { stdout, stderr } = await runNin(call, { env: { ...env, NIN_SOFTWARE_GPU: "1" } });
  assert.equal(stderr, "");
  const { rows } = JSON.parse(stdout) as { rows: { kernel: string; seconds: number; flops: number }[] };
  const products = rows.filter(({ kernel }) => kernel === "winogradProducts");
  assert.equal(products.length, 2);
  assert.ok(rows.some(({ seconds }) => seconds > 0));
});

test("--device gpu fails with one sentence where Dawn finds no adapter", { skip: skip || real }, async () => {
  const { status, stderr } = await runNin(trainOnGpu, {
    env: { NIN_SOFTWARE_GPU: "1", VK_ICD_FILENAMES: "/dev/null" },
  });
  assert.equal(status, 1);
  assert.match(stderr, /^error: There is no GPU that WebGPU can use\..*\.\n$/m);
});

test("a process that has opened a GPU ends when what it was to do fails", { skip }, async () => {
  const call = ["train", "--device", "gpu", "--dataset", "drawn", "--limit", "2", "--out", "/proc/nin-run"];
  const { status, stderr } = await runNin(call, { env: { ...env, NIN_SOFTWARE_GPU: "1" } });
  assert.equal(status, 1);
  assert.match(stderr, /^error: \/proc\/nin-run: /m);
});

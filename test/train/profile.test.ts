import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Device, ProfileRow } from "#nin-net/backends/backend.js";
import { openDevice } from "#nin-net/backends/devices.js";
import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { profile, totals } from "#nin-net/train/profile.js";

let device: Device;
before(async () => {
  device = await openDevice("cpu", { threads: 1 });
});
after(() => device[Symbol.dispose]());

const smallNet = () => new Sequential(new Conv2d(1, 10, 5), new AdaptiveAvgPool2d([1, 1]), new Flatten());
const quick = {
  batchSize: 3,
  images: { channels: 1, height: 28, width: 28, preprocessing: { resize: null, mean: null, std: null } },
  rounds: 1,
  warmUpSeconds: 0,
} as const;

test("a training step's instructions are measured, a forward pass has no gradients", async () => {
  const train = await profile(smallNet(), device, { ...quick, task: "train" });
  const forward = await profile(smallNet(), device, { ...quick, task: "forward" });
  const opsOf = (rows: readonly ProfileRow[]) => new Set(rows.map(({ op }) => op));
  assert.equal(train.images, 3);
  assert.ok(opsOf(train.rows).has("conv2dWeightGrad"));
  assert.ok(!opsOf(forward.rows).has("conv2dWeightGrad"));
  assert.ok(opsOf(forward.rows).has("conv2d"));
});

test("an instruction tells the operations of its op: 2 N OH OW K K Cin Cout for a convolution", async () => {
  const { rows } = await profile(smallNet(), device, { ...quick, task: "forward", without: ["all"] });
  const convolution = totals(rows).find(({ op, flops }) => op === "conv2d" && flops > 0);
  assert.equal(convolution?.flops, 2 * 3 * 24 * 24 * 5 * 5 * 1 * 10);
});

test("the time of the instructions is within the run's", async () => {
  const { rows, seconds } = await profile(smallNet(), device, { ...quick, task: "train" });
  const sum = rows.reduce((all, row) => all + row.seconds, 0);
  assert.ok(rows.every((row) => row.runs > 0 && row.seconds >= 0));
  assert.ok(sum > 0 && sum <= seconds, `${sum} s of ${seconds} s`);
});

test("profiling leaves the network's weights alone", async () => {
  const net = smallNet();
  const before = net.stateDict()["0.weight"]!.data.slice();
  await profile(net, device, { ...quick, task: "train" });
  assert.deepEqual(net.stateDict()["0.weight"]!.data, before);
});

test("totals adds up what has op and kernel in common, the slowest first", () => {
  const row = { shape: [1], phase: "slice", runs: 2, flops: 10, bytes: 4 } as const;
  assert.deepEqual(
    totals([
      { ...row, op: "relu", kernel: "relu", seconds: 1 },
      { ...row, op: "conv2d", kernel: "pointwise", seconds: 2 },
      { ...row, op: "conv2d", kernel: "packWeights", seconds: 0.5, flops: 0 },
      { ...row, op: "conv2d", kernel: "pointwise", seconds: 3 },
    ]),
    [
      { op: "conv2d", kernel: "pointwise", instructions: 2, seconds: 5, flops: 20, bytes: 8 },
      { op: "relu", kernel: "relu", instructions: 1, seconds: 1, flops: 10, bytes: 4 },
      { op: "conv2d", kernel: "packWeights", instructions: 1, seconds: 0.5, flops: 0, bytes: 4 },
    ],
  );
});

test("a device that cannot tell, and a pass that does not exist, are refused", async () => {
  using reference = await openDevice("reference");
  await assert.rejects(profile(smallNet(), reference, { ...quick, task: "train" }), {
    message:
      "profile: got the device reference (plain loops in float64, 1 thread), which cannot tell where its time goes. Use the CPU device.",
  });
  await assert.rejects(profile(smallNet(), device, { ...quick, task: "train", without: ["magic"] }), {
    message: /^compile: got pass "magic", expected one of /,
  });
});

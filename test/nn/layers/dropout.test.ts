import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { Dropout } from "#nin-net/nn/layers/dropout.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";

const ones = new Tensor([4, 2, 5, 5], new Float32Array(200).fill(1));

test("does nothing in evaluation, the default", async () => {
  const y = await new Dropout(0.5).forward(ones, { device: openReference() });
  assert.deepEqual(y.data, ones.data);
  assert.notEqual(y.data, ones.data);
});

test("in training drops a share p and scales the others by 1/(1 - p)", async () => {
  const device = openReference();
  const y = await new Dropout(0.75).forward(ones, { device, mode: "train" });
  assert.ok(y.data.every((value) => value === 0 || value === 4));
  const dropped = y.data.filter((value) => value === 0).length;
  assert.ok(dropped > 120 && dropped < 180, `${dropped} of 200 dropped`);
  const again = await new Dropout(0.75).forward(ones, { device, mode: "train" });
  assert.deepEqual(again.data, y.data);
  const other = await new Dropout(0.75).forward(ones, { device, mode: "train", seed: 1 });
  assert.notDeepEqual(other.data, y.data);
});

test("two dropouts of one network drop different elements", async () => {
  const net = new Sequential(new Dropout(0.5), new Dropout(0.5));
  const y = await net.forward(ones, { device: openReference(), mode: "train" });
  const kept = y.data.filter((value) => value === 4).length;
  assert.ok(kept > 25 && kept < 75, `${kept} of 200 kept`);
});

test("refuses a p that is not a probability below 1", () => {
  for (const p of [-0.1, 1, Number.NaN]) {
    assert.throws(() => new Dropout(p), new RegExp(`Dropout: got p ${p}, expected a probability`));
  }
});

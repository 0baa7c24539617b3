import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { receptiveField } from "#nin-net/explain/receptive-field.js";
import { AvgPool2d } from "#nin-net/nn/layers/avg-pool-2d.js";
import { BatchNorm2d } from "#nin-net/nn/layers/batch-norm-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { MaxPool2d } from "#nin-net/nn/layers/max-pool-2d.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { Sigmoid } from "#nin-net/nn/layers/sigmoid.js";

test("a pixel depends on just the inputs in its field", async () => {
  const wide = new Conv2d(1, 1, 5, { stride: 2, padding: 1 });
  const second = new Conv2d(1, 1, 3, { padding: 1 });
  for (const conv of [wide, second]) conv.weight.data.fill(1);
  const net = new Sequential(wide, new ReLU(), new MaxPool2d(3, { stride: 2 }), new Sequential(second));
  const field = receptiveField(net)!;
  // 5; 5 + 2 * 2 = 9 with step 4; 9 + 2 * 4 = 17. Centres: 0.5 + (2 - 1) = 1.5; + 1 * 2 = 3.5; + (1 - 1) = 3.5.
  assert.deepEqual(field, { start: 3.5, step: 4, size: 17 });

  const side = 41;
  const device = openReference();
  const outputs = async (place?: number) => {
    const x = Tensor.zeros([1, 1, side, side]);
    if (place !== undefined) x.data[place] = 100;
    return await net.forward(x, { device });
  };
  const still = await outputs();
  const columns = still.shape[3]!;
  const row = 3;
  const touched = Array.from({ length: columns }, () => [] as number[]);
  for (let x = 0; x < side; x++) {
    const moved = await outputs((field.start + row * field.step - 0.5) * side + x);
    for (let j = 0; j < columns; j++) {
      if (moved.data[row * columns + j] !== still.data[row * columns + j]) touched[j]!.push(x);
    }
  }
  let checked = 0;
  for (const [j, inputs] of touched.entries()) {
    const from: number = field.start + j * field.step - field.size / 2;
    const to: number = from + field.size;
    if (from < 0 || to > side) continue; // padding is part of these
    assert.deepEqual([inputs[0], inputs.at(-1)], [from, to - 1], `output ${j}`);
    checked++;
  }
  assert.ok(checked >= 4, `${checked} outputs`);
});

test("after flattening, numbers have no place", () => {
  assert.equal(receptiveField(new Sequential(new Conv2d(1, 1, 3), new Flatten(), new ReLU())), undefined);
});

test("normalization and activations keep the field, average pooling widens it", () => {
  // 3 pixels around 1.5; then 4 around 2, two apart.
  const net = new Sequential(new Conv2d(1, 1, 3), new BatchNorm2d(1), new Sigmoid(), new AvgPool2d(2));
  assert.deepEqual(receptiveField(net), { start: 2, step: 2, size: 4 });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { MaxPool2d } from "#nin-net/nn/layers/max-pool-2d.js";
import { run } from "../run.js";

test("takes the largest of each window; the stride is the kernel's size unless given", async () => {
  const x = [1, 2, 3, 4, 8, 7, 6, 5];
  assert.deepEqual([...(await run(new MaxPool2d(2), [1, 1, 2, 4], x)).data], [8, 6]);
  assert.deepEqual([...(await run(new MaxPool2d(2, { stride: 1 }), [1, 1, 2, 4], x)).data], [8, 7, 6]);
});

test("padding never wins", async () => {
  const y = await run(new MaxPool2d(3, { stride: 2, padding: 1 }), [1, 1, 1, 3], [-5, -1, -2]);
  assert.deepEqual(y.shape, [1, 1, 1, 2]);
  assert.deepEqual([...y.data], [-1, -1]);
});

test("leaves out what does not fill a window, as PyTorch does, unless it rounds up", async () => {
  assert.deepEqual(new MaxPool2d(3, { stride: 2 }).outputShape([1, 96, 54, 54]), [1, 96, 26, 26]);
  const up = new MaxPool2d(3, { stride: 2, ceilMode: true });
  assert.deepEqual(up.outputShape([1, 96, 32, 32]), [1, 96, 16, 16]);
  assert.equal(String(up), "MaxPool2d(kernelSize=3, stride=2, padding=0, ceilMode=true)");
  const [first, last] = (await run(up, [1, 1, 2, 4], [-1, -2, -3, -4, -8, -7, -6, -5])).data;
  assert.deepEqual([first, last], [-1, -3]);
});

test("refuses a kernel larger than the image and sizes out of range", () => {
  assert.throws(() => new MaxPool2d(3, { stride: 2 }).outputShape([1, 8, 2, 2]), {
    message: /MaxPool2d: got shape \[1, 8, 2, 2\], expected images of at least 3x3 pixels for kernel 3/,
  });
  assert.throws(() => new MaxPool2d(0), /MaxPool2d: got kernelSize 0/);
  assert.throws(() => new MaxPool2d(17), /MaxPool2d: got kernelSize 17, expected at most 16/);
  assert.throws(() => new MaxPool2d(3, { padding: 2 }), /MaxPool2d: got padding 2, expected at most 1/);
});

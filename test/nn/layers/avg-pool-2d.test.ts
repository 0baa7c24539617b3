import assert from "node:assert/strict";
import { test } from "node:test";
import { AvgPool2d } from "#nin-net/nn/layers/avg-pool-2d.js";
import { run } from "../run.js";

test("the mean of each window; the stride is the kernel's size unless given", async () => {
  const x = [1, 2, 3, 4, 8, 7, 6, 5];
  const y = await run(new AvgPool2d(2), [1, 1, 2, 4], x);
  assert.deepEqual(y.shape, [1, 1, 1, 2]);
  assert.deepEqual([...y.data], [4.5, 4.5]);
  assert.deepEqual([...(await run(new AvgPool2d(2, { stride: 1 }), [1, 1, 2, 4], x)).data], [4.5, 4.5, 4.5]);
  assert.deepEqual(new AvgPool2d(2).outputShape([3, 6, 28, 28]), [3, 6, 14, 14]);
});

test("leaves out what does not fill a window, unless it rounds up", () => {
  assert.deepEqual(new AvgPool2d(2).outputShape([1, 1, 5, 4]), [1, 1, 2, 2]);
  assert.deepEqual(new AvgPool2d(2, { ceilMode: true }).outputShape([1, 1, 5, 4]), [1, 1, 3, 2]);
});

test("zeros of the padding count unless told not to", async () => {
  const padded = { stride: 2, padding: 1 };
  const [counted] = (await run(new AvgPool2d(2, padded), [1, 1, 1, 1], [8])).data;
  assert.equal(counted, 2);
  const inside = new AvgPool2d(2, { ...padded, countIncludePad: false });
  assert.equal((await run(inside, [1, 1, 1, 1], [8])).data[0], 8);
  assert.equal(String(inside), "AvgPool2d(kernelSize=2, stride=2, padding=1, countIncludePad=false)");
});

test("refuses images without a window and sizes out of range", () => {
  assert.throws(() => new AvgPool2d(3).outputShape([1, 1, 5, 2]), {
    name: "ShapeError",
    message:
      "AvgPool2d: got shape [1, 1, 5, 2], expected images of at least 3x3 pixels for kernel 3 with padding 0. " +
      "Use larger images (resize), a smaller kernel or more padding.",
  });
  assert.throws(() => new AvgPool2d(0), /AvgPool2d: got kernelSize 0/);
  assert.throws(() => new AvgPool2d(2, { padding: 2 }), {
    message:
      "AvgPool2d: got padding 2, expected at most 1, half of kernelSize 2. " +
      "Use less padding, so that every window holds a pixel.",
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { gradientScale } from "#nin-net/backends/webgpu/mixed-precision.js";

test("16 bits hold the gradients of NiN in full, with room above them", () => {
  // As node bench/gradients.mjs shows them, of the mean loss of 128 images.
  const [smallest, largest] = [8e-10, 4.2e-3];
  const scale = gradientScale(128);
  assert.ok(smallest * scale > 2 ** -14, "smaller numbers have fewer digits");
  assert.ok(largest * scale < 65504 / 16, "larger ones become the largest there is");
  // Half as many images have gradients twice as large.
  assert.equal(gradientScale(64), scale / 2);
});

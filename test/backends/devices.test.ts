import assert from "node:assert/strict";
import { test } from "node:test";
import { openDevice } from "#nin-net/backends/devices.js";

test("precisions that there are not are refused", async () => {
  await assert.rejects(openDevice("gpu", { precision: "f8" as "f16" }), {
    name: "NinError",
    message: "openDevice: got precision f8, expected f32 or f16. Leave it out for f32.",
  });
});

for (const name of ["cpu", "reference"] as const) {
  test(`16-bit activations are refused on the device ${name}`, async () => {
    await assert.rejects(openDevice(name, { precision: "f16" }), {
      name: "NinError",
      message: `precision: got f16 for the device ${name}, expected gpu. Only GPUs keep 16-bit activations: leave the precision out.`,
    });
  });
}

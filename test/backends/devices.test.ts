import assert from "node:assert/strict";
import { test } from "node:test";
import { openDevice } from "#src/backends/devices.js";

for (const name of ["cpu", "reference"] as const) {
  test(`16-bit activations are refused on the device ${name}`, async () => {
    await assert.rejects(openDevice(name, { precision: "f16" }), {
      name: "NinError",
      message: `precision: got f16 for the device ${name}, expected gpu. Only GPUs keep 16-bit activations: leave the precision out.`,
    });
  });
}

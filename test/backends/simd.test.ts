import assert from "node:assert/strict";
import { test } from "node:test";
import v8 from "node:v8";
import { openWasm } from "#nin-net/backends/wasm/device.js";

test("an engine that takes no flags goes on with 128 bits", async (t) => {
  t.mock.method(v8, "setFlagsFromString", () => {
    throw new Error("not implemented");
  });
  using device = await openWasm({ threads: 1, simd: "auto" });
  assert.equal(device.simd.bits, 128);
  await assert.rejects(openWasm({ threads: 1, simd: "256" }), {
    name: "NinError",
    message: /^256-bit SIMD is not available in this engine;/,
  });
});

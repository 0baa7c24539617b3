/**
 * The conformance suite on a GPU, with activations of 32 bits, and a third of it with 16: the kernels are the same, and
 * compiling them for a software adapter takes minutes.
 */
import { test } from "node:test";
import { openWebGpu } from "#nin-net/backends/webgpu/device.js";
import { conformance } from "./conformance.js";
import { noGpu } from "./software-gpu.js";

const skip = await noGpu();

if (skip) test("webgpu conforms to the reference", { skip }, () => {});
else {
  conformance("webgpu", () => openWebGpu({ allowSoftware: true }));
  const precision = "f16";
  conformance("webgpu, f16", () => openWebGpu({ allowSoftware: true, precision }), {
    halves: true,
    every: 3,
  });
}

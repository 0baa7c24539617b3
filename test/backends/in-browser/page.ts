/** Runs a third of the conformance suite on the browser's GPU, which Node runs whole; imported by a page. */
import { openWebGpu } from "#nin-net/backends/webgpu/device.js";
import { conformance } from "../conformance.js";
import { runAll } from "./runner.js";

export async function conform(): Promise<{ passed: string[]; failed: string[]; device: string }> {
  using probe = await openWebGpu({ allowSoftware: true });
  const device = probe.description;
  conformance("webgpu", () => openWebGpu({ allowSoftware: true }), { every: 3 });
  return { ...(await runAll()), device };
}

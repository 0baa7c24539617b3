/** total += part, element by element. */
import type { Buffer, Launch } from "../lowering.ts";
import { floats, shader } from "../shader.ts";

export function addInto(part: Buffer, total: Buffer, elements: number): Launch {
  return {
    kernel: "addInto",
    wgsl: shader({
      reads: [floats("part")],
      writes: [floats("total")],
      body: "if (id < n.x) { total[id] += part[id]; }",
    }),
    buffers: [part, total],
    sizes: [elements],
    threads: elements,
  };
}

/** total += part, element by element. */
import type { Buffer } from "../dispatch.ts";
import type { Launch } from "../lowering.ts";
import { floats } from "../shader.ts";

export function addInto(part: Buffer, total: Buffer, elements: number): Launch {
  const added = floats("part", part);
  return {
    kernel: "addInto",
    reads: [added],
    writes: [floats("total", total)],
    body: `if (id < n.x) { total[id] += ${added.at("id")}; }`,
    sizes: [elements],
    threads: elements,
  };
}

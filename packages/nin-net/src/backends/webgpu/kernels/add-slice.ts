/** Adds the value of a slice to those of the slices before it, in the order of slice-sums.ts. */
import type { Buffer } from "../dispatch.ts";
import type { Launch } from "../lowering.ts";
import { floats, words } from "../shader.ts";

/**
 * @param value - of the slice
 * @param position - where its sum goes and how many partial sums it takes: a `SumPosition`, u32 [2]
 * @param sums - the stack of partial sums, one after the other
 * @param elements - of the value
 */
export function addSlice(value: Buffer, position: Buffer, sums: Buffer, elements: number): Launch {
  const added = floats("value", value);
  return {
    kernel: "addSlice",
    reads: [added, words("position", position)],
    writes: [floats("sums", sums)],
    body: `
  if (id < n.x) {
    var sum = ${added.at("id")};
    for (var left = position[0] + position[1]; left > position[0]; left--) {
      sum = sums[(left - 1u) * n.x + id] + sum;
    }
    sums[position[0] * n.x + id] = sum;
  }`,
    sizes: [elements],
    threads: elements,
  };
}

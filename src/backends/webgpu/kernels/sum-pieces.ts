/** Adds the pieces of a sum in their order: y[i] = parts[0][i] + parts[1][i] + ... */
import type { Buffer, Launch } from "../lowering.ts";
import { floats } from "../shader.ts";

export function sumPieces(parts: Buffer, result: Buffer, pieces: number, elements: number): Launch {
  return {
    kernel: "sumPieces",
    reads: [floats("parts", parts)],
    writes: [floats("y", result)],
    body: `
  if (id >= n.y) { return; }
  var sum = 0.0;
  for (var piece = 0u; piece < n.x; piece++) { sum += parts[piece * n.y + id]; }
  y[id] = sum;`,
    sizes: [pieces, elements],
    threads: elements,
    main: false,
  };
}

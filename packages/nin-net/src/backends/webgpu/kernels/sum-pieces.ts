/** Adds the pieces of a sum, in an order that is the same on every run: y[i] = parts[0][i] + parts[1][i] + ... */
import type { Buffer } from "../dispatch.ts";
import type { Launch, Lowering } from "../lowering.ts";
import { floats, type ShaderParts, workgroupSize } from "../shader.ts";

/** From so many pieces on, a thread alone would wait long for memory. */
const manyPieces = 2 * workgroupSize;
/** From so many elements on, one thread an element keeps a GPU busy. */
const manyElements = 16384;

/** Launches the sum; pieces and result are float32. */
export function sumPieces(
  parts: Buffer,
  result: Buffer,
  pieces: number,
  elements: number,
  to: Lowering,
): void {
  const tall = pieces >= manyPieces && elements < manyElements;
  const common = {
    kernel: "sumPieces",
    reads: [floats("parts", parts)],
    writes: [floats("y", result)],
    sizes: [pieces, elements],
    main: false,
  } as const;
  const launch: Launch = tall
    ? { ...common, ...groupSum(to.capabilities.subgroups), workgroups: elements }
    : { ...common, body: threadSum, threads: elements };
  to.launch(launch);
}

const threadSum = `
  if (id >= n.y) { return; }
  var sum = 0.0;
  for (var piece = 0u; piece < n.x; piece++) { sum += parts[piece * n.y + id]; }
  y[id] = sum;`;

/** A workgroup an element: each thread adds every 64th piece, then the threads' sums are added. */
function groupSum(
  subgroups: boolean,
): Pick<ShaderParts, "directives" | "declarations" | "builtins" | "body"> {
  const ofThread = `
  var sum = 0.0;
  if (group < n.y) {
    for (var piece = local; piece < n.x; piece += ${workgroupSize}u) { sum += parts[piece * n.y + group]; }
  }`;
  const declarations = `var<workgroup> sums: array<f32, ${workgroupSize}>;`;
  if (subgroups) {
    return {
      directives: ["enable subgroups"],
      declarations,
      builtins: ["@builtin(subgroup_id) subgroup: u32", "@builtin(num_subgroups) subgroups: u32"],
      body: `${ofThread}
  let ofSubgroup = subgroupAdd(sum);
  if (subgroupElect()) { sums[subgroup] = ofSubgroup; }
  workgroupBarrier();
  if (local == 0u && group < n.y) {
    var total = 0.0;
    for (var i = 0u; i < subgroups; i++) { total += sums[i]; }
    y[group] = total;
  }`,
    };
  }
  return {
    declarations,
    body: `${ofThread}
  sums[local] = sum;
  for (var half = ${workgroupSize / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { sums[local] += sums[local + half]; }
  }
  if (local == 0u && group < n.y) { y[group] = sums[0]; }`,
  };
}

// The kernels of a training step on a GPU: what each moves and computes, and what it takes.
import { openDevice } from "../../packages/nin-net/dist/backends/devices.js";
import { PersistentBuffers } from "../../packages/nin-net/dist/backends/lowering.js";
import { kernelOf } from "../../packages/nin-net/dist/backends/webgpu/kernels.js";
import { Lowering } from "../../packages/nin-net/dist/backends/webgpu/lowering.js";
import { planMemory, totalBytes } from "../../packages/nin-net/dist/backends/webgpu/plan-memory.js";
import { unprofitablePasses } from "../../packages/nin-net/dist/backends/webgpu/tensor-cores.js";
import { sizeOf } from "../../packages/nin-net/dist/graph/node.js";
import { costOf } from "../../packages/nin-net/dist/graph/op.js";
import { NinNet } from "../../packages/nin-net/dist/models/nin.js";
import { DeviceParameters } from "../../packages/nin-net/dist/nn/trace.js";
import { sgd } from "../../packages/nin-net/dist/optim/sgd.js";
import { rewrite } from "../../packages/nin-net/dist/passes/passes.js";
import { profile } from "../../packages/nin-net/dist/train/profile.js";
import { trainGraph } from "../../packages/nin-net/dist/train/programs.js";

/** The GPU that times are expected of, and what it can do for each precision. */
const expectedOf = { bytesPerSecond: 4e12, flopsPerSecond: 60e12, tensorCoreFlopsPerSecond: 400e12 };
const expectedCapabilities = {
  f32: { mixedPrecision: false, subgroups: true, subgroupMatrix: undefined },
  f16: { mixedPrecision: true, subgroups: true, subgroupMatrix: { m: 16, n: 16, k: 16, threads: 32 } },
};

const net = new NinNet();

/** Stored images, and how the network sees them. */
function sizesOf(resize) {
  const preprocessing = { resize: [resize, resize], mean: null, std: null };
  return { channels: 1, height: 28, width: 28, preprocessing };
}

/**
 * What the GPU says about itself, and what each kernel of a step takes.
 *
 * @returns `description` and `capabilities`, unless the precision cannot be had; `seconds` of a step and `rows`, one a
 *   kernel, or `missing`, a sentence
 */
export async function measureKernels(precision, images, { resize, profile: how }) {
  let device;
  try {
    device = await openDevice("gpu", { precision });
  } catch (error) {
    return { missing: error.message };
  }
  const { description, capabilities } = device;
  try {
    if (precision === "f16" && !capabilities?.mixedPrecision)
      return { missing: `${description} keeps no 16-bit floats.` };
    const run = await profile(net, device, {
      task: "train",
      batchSize: images,
      images: sizesOf(resize),
      ...how,
    });
    return { description, capabilities, seconds: run.seconds, rows: run.rows };
  } catch (error) {
    return { description, capabilities, missing: error.message };
  } finally {
    device[Symbol.dispose]();
  }
}

/**
 * The kernels of a step, as a GPU runs them for a whole batch; it takes no GPU to know them.
 *
 * @param measured - for each precision what {@link measureKernels} gave, if it was asked
 * @returns `f32` and, where activations can be kept in 16 bits, `f16`: lists of kernels
 */
export function kernelsOf(images, resize, measured) {
  const canFuse = (node, steps) => kernelOf(node).epilogue?.(steps) ?? false;
  const sizes = sizesOf(resize);
  const graph = trainGraph(net, new DeviceParameters(net), images, sizes, sgd());
  const listOf = (precision) => {
    const { capabilities = expectedCapabilities[precision], rows } = measured[precision] ?? {};
    const rewritten = rewrite(graph, {
      without: unprofitablePasses(capabilities.subgroupMatrix),
      canFuse,
    });
    return withTimes(lowered(rewritten, images, capabilities), rows);
  };
  const [f32, f16] = ["f32", "f16"].map(listOf);
  const bytes = (list) => list.reduce((sum, kernel) => sum + kernel.bytes, 0);
  return bytes(f16) < bytes(f32) ? { f32, f16 } : { f32 };
}

function lowered(graph, images, capabilities) {
  const { lists } = new Lowering(graph, images, {
    persistent: new PersistentBuffers((bytes) => ({ bytes, persistent: true })),
    single: true,
    sumPosition: { bytes: 8, persistent: true },
    capabilities,
    state: (_name, bytes) => ({ bytes, persistent: true }),
  });
  return [...lists.step, ...lists.slice, ...lists.finish].map((dispatch) => {
    const { kernel, node, workgroups, buffers } = dispatch;
    const bytes = [...new Set(buffers)].reduce((sum, buffer) => sum + buffer.bytes, 0);
    const result = sizeOf(node.type.shape) > 1 ? node.type.shape.join(" x ") : "1";
    return { kernel, result, node, workgroups, buffers, bytes, flops: flopsOf(dispatch) };
  });
}

/** Rows of a profile are of the same kernels in the same order, unless the batch was cut into slices. */
function withTimes(kernels, rows) {
  const fits = rows?.length === kernels.length && rows.every(({ kernel }, i) => kernel === kernels[i].kernel);
  return fits ? kernels.map((kernel, i) => ({ ...kernel, measured: rows[i].seconds })) : kernels;
}

/** Operations that a kernel really does; those of transforms and of what is only moved are left out. */
function flopsOf({ kernel, main, node }) {
  if (kernel === "winogradProducts") return winogradFlops(node, node.type, node.inputs[1].type);
  if (kernel === "winogradWeightProducts") return winogradFlops(node, node.inputs[1].type, node.type);
  return main ? costOf(node).flops : 0;
}

/** Every element of the transformed tiles meets every output channel. */
function winogradFlops({ attrs: { tile, kernel } }, { shape: [n, h, w] }, { shape: [, , cin, cout] }) {
  const tiles = n * Math.ceil(h / tile) * Math.ceil(w / tile);
  return 2 * tiles * (tile + kernel - 1) ** 2 * cin * cout;
}

/** The least time, in seconds, that the expected GPU needs: for the bytes or for the operations, whichever is more. */
export function leastSeconds({ kernel, bytes, flops }, precision) {
  const { bytesPerSecond, flopsPerSecond, tensorCoreFlopsPerSecond } = expectedOf;
  const isProduct = /^(?:polyphase)?convolve|^polyphaseWeight|products$/i.test(kernel);
  const rate = precision === "f16" && isProduct ? tensorCoreFlopsPerSecond : flopsPerSecond;
  return Math.max(bytes / bytesPerSecond, flops / rate);
}

/** Bytes of activations and scratch, which share memory. */
export function memoryOf(kernels) {
  return totalBytes(planMemory(kernels.map(({ buffers }) => buffers)));
}

/**
 * Kernels of the same name, result and operations taken together, with what the other precision's kernels of the same nodes need.
 *
 * @returns rows { kernel, result, runs, workgroups, flops, f32, f16 }, the latter { bytes, least, measured }
 */
export function rowsOf({ f32, f16 }) {
  const rows = new Map();
  for (const [precision, list] of Object.entries({ f32, ...(f16 && { f16 }) })) {
    for (const kernel of list) {
      const key = `${kernel.kernel} ${kernel.result} ${kernel.flops}`;
      const { kernel: name, result, workgroups } = kernel;
      const row = rows.get(key) ?? { kernel: name, result, runs: 0, workgroups: new Set(), flops: 0 };
      rows.set(key, row);
      row[precision] = added(row[precision], kernel, precision);
      if (precision === "f16" && row.f32) continue;
      row.runs++;
      row.workgroups.add(workgroups);
      row.flops += kernel.flops;
    }
  }
  const slowness = ({ f32, f16 }) => Math.max(f32?.least ?? 0, f16?.least ?? 0);
  return [...rows.values()].sort((a, b) => slowness(b) - slowness(a));
}

const nothing = { bytes: 0, least: 0, measured: undefined };

function added(sum = nothing, kernel, precision) {
  return {
    bytes: sum.bytes + kernel.bytes,
    least: sum.least + leastSeconds(kernel, precision),
    measured: kernel.measured === undefined ? sum.measured : (sum.measured ?? 0) + kernel.measured,
  };
}

/** Rows taken together, as one; kernels that only f16 has do not count among its runs and operations. */
export function totalOf(rows) {
  const sum = (of) => rows.reduce((total, row) => total + (of(row) ?? 0), 0);
  const of = (precision) => {
    const own = rows.map((row) => row[precision]).filter((part) => part !== undefined);
    if (own.length === 0) return undefined;
    const hasTimes = own.some(({ measured }) => measured !== undefined);
    return {
      bytes: sum((row) => row[precision]?.bytes),
      least: sum((row) => row[precision]?.least),
      measured: hasTimes ? sum((row) => row[precision]?.measured) : undefined,
    };
  };
  const inF32 = rows.filter((row) => row.f32);
  return {
    runs: inF32.reduce((total, { runs }) => total + runs, 0),
    flops: inF32.reduce((total, { flops }) => total + flops, 0),
    f32: of("f32"),
    f16: of("f16"),
  };
}

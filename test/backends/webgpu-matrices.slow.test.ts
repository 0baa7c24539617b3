/**
 * Kernels for tensor cores without tensor cores: their source is compiled for a device that offers them and computes
 * nothing, and everything but the small matrices themselves runs where one thread stands for a subgroup.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PersistentBuffers } from "#nin-net/backends/lowering.js";
import { describeAdapter, gpuAccess, requestAdapter } from "#nin-net/backends/webgpu/adapter.js";
import { openWebGpu, WebGpuDevice } from "#nin-net/backends/webgpu/device.js";
import { kernelOf } from "#nin-net/backends/webgpu/kernels.js";
import { Lowering } from "#nin-net/backends/webgpu/lowering.js";
import {
  type SubgroupMatrix,
  subgroupMatrixFeatures,
  subgroupMatrixOf,
  tensorCoreFault,
} from "#nin-net/backends/webgpu/tensor-cores.js";
import { NinNet } from "#nin-net/models/nin.js";
import { DeviceParameters } from "#nin-net/nn/trace.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { rewrite } from "#nin-net/passes/passes.js";
import { trainGraph } from "#nin-net/train/programs.js";
import { conforms } from "./conformance.js";
import { noGpu } from "./software-gpu.js";

const skip = await noGpu();

/** Sources of a training step of NinNet, 128 images of 224 pixels. */
function stepSources(subgroupMatrix: SubgroupMatrix): string[] {
  const net = new NinNet();
  const graph = rewrite(
    trainGraph(
      net,
      new DeviceParameters(net),
      128,
      { channels: 1, height: 28, width: 28, preprocessing: { resize: [224, 224], mean: null, std: null } },
      sgd({ momentum: 0.9 }),
    ),
    { without: ["winograd"], canFuse: (node, steps) => kernelOf(node).epilogue?.(steps) ?? false },
  );
  const { lists } = new Lowering(graph, 128, {
    persistent: new PersistentBuffers((bytes) => ({ bytes, persistent: true })),
    single: true,
    sumPosition: { bytes: 8, persistent: true },
    capabilities: { mixedPrecision: true, subgroups: true, subgroupMatrix },
    state: (_name, bytes) => ({ bytes, persistent: true }),
  });
  return [...new Set([...lists.step, ...lists.slice, ...lists.finish].map(({ wgsl }) => wgsl))];
}

test("kernels for tensor cores compile without a warning", { skip }, async () => {
  const { create } = (await import("webgpu")) as { create(flags: readonly string[]): GPU };
  const gpu = create(["backend=null", "enable-dawn-features=allow_unsafe_apis"]);
  const adapter = await gpu.requestAdapter();
  const device = await adapter!.requestDevice({
    requiredFeatures: [...subgroupMatrixFeatures, "subgroups"] as GPUFeatureName[],
  });
  const sources = stepSources({ m: 16, n: 16, k: 16, threads: 32 });
  assert.ok(sources.filter((wgsl) => wgsl.includes("subgroupMatrixLoad")).length >= 10);
  for (const code of sources) {
    const module = device.createShaderModule({ code });
    const { messages } = await module.getCompilationInfo();
    assert.deepEqual(
      messages.map(({ lineNum, message }) => `${lineNum}: ${message}`),
      [],
      code,
    );
    await device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } });
  }
  device.destroy();
});

const oneThread: SubgroupMatrix = { m: 4, n: 8, k: 2, threads: 1 };

async function openWithMatrices(subgroupMatrix: SubgroupMatrix): Promise<WebGpuDevice> {
  const options = { allowSoftware: true };
  const access = await gpuAccess(options);
  const adapter = await requestAdapter(access, options);
  const capabilities = { mixedPrecision: true, subgroups: false, subgroupMatrix };
  return new WebGpuDevice(access, describeAdapter(adapter), await adapter.requestDevice(), capabilities);
}

for (const op of [
  "conv2d",
  "conv2dInputGrad",
  "conv2dWeightGrad",
  "polyphaseConv2d",
  "polyphaseConv2dWeightGrad",
] as const) {
  test(`${op} by small matrices conforms to the reference`, { skip }, async () => {
    using device = await openWithMatrices(oneThread);
    // Slow: all shapes run on the plain kernels.
    await conforms(device, op, { halves: true, every: 4 });
  });
}

test("sums without subgroups conform to the reference", { skip }, async () => {
  using device = await openWithMatrices(oneThread);
  for (const op of ["sumPixels", "sumAll"] as const) await conforms(device, op, { halves: true });
});

test("tensor cores are taken only after a trial", { skip }, async () => {
  using right = await openWithMatrices(oneThread);
  assert.equal(await tensorCoreFault(right), undefined);
  // SwiftShader has none: the kernel is refused.
  using refused = await openWithMatrices({ m: 16, n: 16, k: 16, threads: 32 });
  assert.match((await tensorCoreFault(refused))!, /^a trial failed: .*f16/);
});

test("the largest small matrices with float32 sums are chosen, if subgroups have one size", () => {
  const config = (componentType: string, resultComponentType: string, M: number, N: number, K: number) => ({
    componentType,
    resultComponentType,
    M,
    N,
    K,
  });
  const info = {
    subgroupMinSize: 32,
    subgroupMaxSize: 32,
    subgroupMatrixConfigs: [
      config("f16", "f16", 32, 32, 32),
      config("f16", "f32", 16, 8, 8),
      config("f16", "f32", 16, 16, 16),
      config("i8", "i32", 32, 32, 32),
    ],
  };
  const adapter = (changes: object) => ({ info: { ...info, ...changes } }) as unknown as GPUAdapter;
  const having = (features: readonly string[]) => ({ features: new Set(features) }) as unknown as GPUDevice;
  const all = having([...subgroupMatrixFeatures, "subgroups"]);
  assert.deepEqual(subgroupMatrixOf(adapter({}), all), { m: 16, n: 16, k: 16, threads: 32 });
  assert.equal(
    subgroupMatrixOf(adapter({ subgroupMinSize: 8 }), all),
    "its subgroups are of 8 to 32 threads, not of one size",
  );
  assert.equal(
    subgroupMatrixOf(adapter({ subgroupMatrixConfigs: [config("i8", "i32", 32, 32, 32)] }), all),
    "they multiply f16 to f32 in none of their ways (i8 to i32)",
  );
  assert.equal(
    subgroupMatrixOf(adapter({}), having(["subgroups", "shader-f16"])),
    "the adapter has no chromium-experimental-subgroup-matrix",
  );
});

test("16 bits open where there are no tensor cores", { skip }, async () => {
  using device = await openWebGpu({ allowSoftware: true, precision: "f16" });
  assert.match(device.description, /16-bit activations/);
  assert.equal(device.capabilities.subgroupMatrix, undefined);
});

/** Finds GPUs: the browser's, or in Node those that the optional package `webgpu` (Dawn) opens. */

import { NinError } from "../../core/errors.ts";
import type { AdapterDescription } from "../backend.ts";
import type { AdapterOptions } from "./options.ts";

/** Where adapters come from; must be held as long as its adapters and devices are in use. */
export interface GpuAccess {
  readonly gpu: GPU;
}

/**
 * Gives access to the GPUs of this machine.
 *
 * @throws NinError saying what is missing
 */
export async function gpuAccess({
  allowSoftware = false,
  experimental = false,
}: AdapterOptions = {}): Promise<GpuAccess> {
  const gpu = globalThis.navigator?.gpu;
  if (gpu) return { gpu };
  if (!globalThis.process?.versions?.node) {
    throw new NinError(
      "This browser has no WebGPU, expected navigator.gpu. Use a recent browser, over https or from localhost.",
    );
  }
  if (!allowSoftware && !(await mayHaveGpu())) throw new NinError(noGpu);
  return { gpu: await dawn([exactTimes, ...(experimental ? [unsafeFeatures] : [])]) };
}

/** Pages must not time others too closely, so Dawn rounds the GPU's clock to 65.5 µs: longer than many a kernel. */
const exactTimes = "disable-dawn-features=timestamp_quantization";
const unsafeFeatures = "enable-dawn-features=allow_unsafe_apis";

const noGpu =
  "There is no GPU that WebGPU can use. Install its driver (on Linux with Vulkan and libvulkan1), or use the CPU.";

/** Device files of GPUs on Linux. Without any, Dawn is not loaded, which takes a while and warns on stderr. */
const gpuFolders = [
  { folder: "/dev", names: /^(?:nvidia\d+|dxg|mali\d*|kgsl.*)$/ },
  { folder: "/dev/dri", names: /^renderD\d+$/ },
];

async function mayHaveGpu(): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const fs = process.getBuiltinModule("node:fs/promises");
  const found = await Promise.all(
    gpuFolders.map(async ({ folder, names }) => {
      const entries = await fs.readdir(folder).catch(() => []);
      return entries.some((entry) => names.test(entry));
    }),
  );
  return found.includes(true);
}

async function dawn(flags: readonly string[]): Promise<GPU> {
  // Not a literal, and marked, so that bundlers for browsers leave it alone.
  const name = "webgpu";
  let module: { create(flags: readonly string[]): GPU };
  try {
    module = await import(/* webpackIgnore: true */ /* @vite-ignore */ name);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const missing = code === "ERR_MODULE_NOT_FOUND";
    throw new NinError(
      missing
        ? "The package webgpu is not installed, which opens GPUs in Node. Run npm install webgpu."
        : `The package webgpu does not load: ${message.split("\n")[0]}. Install it again with npm install webgpu.`,
    );
  }
  return module.create(flags);
}

/**
 * The best adapter there is.
 *
 * @throws NinError if there is none, or only software and that is not allowed
 */
export async function requestAdapter(
  { gpu }: GpuAccess,
  { allowSoftware = false }: AdapterOptions,
): Promise<GPUAdapter> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) {
    throw new NinError(noGpu);
  }
  if (isSoftware(adapter) && !allowSoftware) {
    throw new NinError(
      `There is no GPU, only ${describeAdapter(adapter).name}, which runs on the CPU. Use the CPU device: it is faster.`,
    );
  }
  return adapter;
}

/** Whether it is a software adapter, which computes on the CPU. */
function isSoftware({ info }: GPUAdapter): boolean {
  const words = `${info.architecture} ${info.description} ${info.device}`.toLowerCase();
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/.test(words);
}

/** `h100-80gb-hbm3`, as Dawn writes a card's name; browsers keep it to themselves. */
function cardOf({ vendor, device }: GPUAdapterInfo): string {
  const card = device.startsWith(`${vendor}-`) ? device.slice(vendor.length + 1) : device;
  return card.replace(/-+$/, "");
}

export function describeAdapter(adapter: GPUAdapter): AdapterDescription {
  const { info, limits, features } = adapter;
  const software = isSoftware(adapter);
  const name = [info.vendor, info.architecture, software ? "" : cardOf(info)].filter(Boolean).join(" ");
  return {
    name: name || info.description || "unnamed adapter",
    backend: info.description ? `WebGPU, ${info.description}` : "WebGPU",
    software,
    features: [...features].sort(),
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  };
}

import { ShaderError } from "./errors.ts";

/** Compiled kernels of a device, by their source: each is compiled once, those of a program in parallel. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #made = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** @throws ShaderError with the source and the compiler's message */
  get(wgsl: string): Promise<GPUComputePipeline> {
    let pipeline = this.#made.get(wgsl);
    if (pipeline === undefined) {
      pipeline = this.#compile(wgsl);
      this.#made.set(wgsl, pipeline);
      // A failure is told to whoever waits, and tried again by whoever asks next.
      pipeline.catch(() => this.#made.delete(wgsl));
    }
    return pipeline;
  }

  async #compile(wgsl: string): Promise<GPUComputePipeline> {
    this.#device.pushErrorScope("validation");
    const module = this.#device.createShaderModule({ code: wgsl });
    const refused = this.#device.popErrorScope();
    const [pipeline] = await Promise.allSettled([
      this.#device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } }),
      refused,
    ]);
    if (pipeline.status === "fulfilled") return pipeline.value;
    const { messages } = await module.getCompilationInfo();
    const errors = messages
      .filter(({ type }) => type === "error")
      .map(({ lineNum, message }) => `line ${lineNum}: ${message}`);
    const reason = pipeline.reason instanceof Error ? pipeline.reason.message : String(pipeline.reason);
    throw new ShaderError(errors.join("; ") || reason, wgsl);
  }
}

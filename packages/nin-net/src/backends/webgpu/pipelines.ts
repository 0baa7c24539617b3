import { ShaderError } from "./errors.ts";

/** Compute pipelines of a device, by WGSL source: each is compiled once, those of a program in parallel. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** @throws ShaderError with the source and the compiler's message */
  get(wgsl: string): Promise<GPUComputePipeline> {
    let pipeline = this.#pipelines.get(wgsl);
    if (pipeline === undefined) {
      pipeline = this.#compile(wgsl);
      this.#pipelines.set(wgsl, pipeline);
      // Whoever waits sees the failure; the next call tries again.
      pipeline.catch(() => this.#pipelines.delete(wgsl));
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

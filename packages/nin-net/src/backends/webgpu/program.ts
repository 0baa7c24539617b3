import { DisposedError, NinError } from "../../core/errors.ts";
import type { Graph, InputNode } from "../../graph/node.ts";
import type { HostTensor, ProfileRow, Program } from "../backend.ts";
import { callerInputs, checkInputs } from "../inputs.ts";
import { submitBatch } from "./batch.ts";
import { GpuMemoryError, moreMemory } from "./errors.ts";
import { Executables, imagesAtOnce } from "./executables.ts";
import type { GpuHost } from "./host.ts";
import { DispatchTimer, profileRows } from "./profiler.ts";
import type { Readback } from "./readback.ts";
import type { WebGpuState } from "./state.ts";

type Tensors = Readonly<Record<string, HostTensor>>;

/** A graph compiled for the GPU, once for each slice size that is met; a batch is one submission of commands. */
export class WebGpuProgram implements Program {
  readonly profile?: (inputs: Tensors) => Promise<readonly ProfileRow[]>;
  readonly #host: GpuHost;
  readonly #state: WebGpuState;
  readonly #executables: Executables;
  #inputs: ReadonlyMap<string, InputNode> | undefined;
  #disposed = false;

  /**
   * @param trace - builds the graph for a slice of so many images, rewritten for this backend
   * @param sliceSize - images a slice; undefined: as many as the memory allows
   */
  constructor(
    host: GpuHost,
    state: WebGpuState,
    trace: (images: number) => Graph,
    sliceSize: number | undefined,
  ) {
    this.#host = host;
    this.#state = state;
    this.#executables = new Executables(host, state, trace, sliceSize);
    if (host.gpu.features.has("timestamp-query")) this.profile = (inputs) => this.#profile(inputs);
  }

  /** What {@link run} takes, by name. */
  get inputs(): ReadonlyMap<string, InputNode> {
    this.#inputs ??= callerInputs(this.#executables.graph);
    return this.#inputs;
  }

  async run(inputs: Tensors): Promise<Tensors> {
    const { results } = await this.#host.exclusiveReportingLoss(() => this.#submit(inputs));
    return this.#host.reportingLoss(results);
  }

  async #profile(inputs: Tensors): Promise<readonly ProfileRow[]> {
    using timer = new DispatchTimer(this.#host.gpu);
    const { results } = await this.#host.exclusiveReportingLoss(() => this.#submit(inputs, timer));
    await this.#host.reportingLoss(results);
    const seconds = await this.#host.reportingLoss(() => timer.seconds());
    return profileRows(timer.dispatches, seconds);
  }

  /** Puts a batch on the queue. @returns a function that waits for its results */
  async #submit(
    inputs: Tensors,
    timer?: DispatchTimer,
  ): Promise<{ readonly results: () => Promise<Tensors> }> {
    this.#check();
    const images = checkInputs(this.inputs, inputs) ?? 1;
    const executable = await this.#executables.forBatch(images);
    const { gpu } = this.#host;
    let readback: Readback;
    let errors: Promise<readonly (GPUError | null)[]>;
    gpu.pushErrorScope("out-of-memory");
    gpu.pushErrorScope("validation");
    try {
      readback = submitBatch(this.#host, executable, { images, inputs }, timer);
    } finally {
      errors = Promise.all([gpu.popErrorScope(), gpu.popErrorScope()]);
    }
    return {
      results: async () => {
        const [invalid, outOfMemory] = await errors;
        if (outOfMemory) {
          throw new GpuMemoryError(
            `The GPU has too little memory for what goes in and out of ${imagesAtOnce(images)}: ${outOfMemory.message.split("\n")[0]}. Use a smaller batch. ${moreMemory}`,
          );
        }
        if (invalid) throw new NinError(`The GPU refused a run: ${invalid.message}`);
        const outputs = await readback.read();
        if (outputs !== undefined) return outputs;
        await gpu.queue.onSubmittedWorkDone();
        this.#host.check();
        return {};
      },
    };
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    void this.#host.exclusive(async () => this.#executables[Symbol.dispose]());
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError("A program");
    this.#state.check();
  }
}

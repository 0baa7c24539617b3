/** Encodes a whole batch as one command buffer: inputs, dispatches of every slice, results and updates of states. */
import { sliceStart } from "../../graph/node.ts";
import type { HostTensor } from "../backend.ts";
import { sumPosition } from "../slice-sums.ts";
import type { BoundDispatch, BoundGraph, BoundInput } from "./bound-graph.ts";
import type { BatchExecutable } from "./executables.ts";
import type { GpuHost } from "./host.ts";
import type { DispatchTimer } from "./profiler.ts";
import { Readback } from "./readback.ts";
import { BufferUsage } from "./usage.ts";

/** Workgroups along one axis, on every GPU. */
const mostWorkgroups = 65535;

export interface Batch {
  readonly images: number;
  readonly inputs: Readonly<Record<string, HostTensor>>;
}

/**
 * Puts a batch on the queue.
 *
 * @param timer - times every dispatch, if given
 * @returns where its results will be
 */
export function submitBatch(
  { gpu, memory }: GpuHost,
  { whole, remainder, sliceSize }: BatchExecutable,
  { images, inputs }: Batch,
  timer?: DispatchTimer,
): Readback {
  const encoder = gpu.createCommandEncoder();
  const count = Math.ceil(images / sliceSize);
  const slices = Array.from({ length: count }, (_, i) => (i === count - 1 ? (remainder ?? whole) : whole));
  const readback = new Readback(memory, encoder, [
    ...slices.flatMap(({ sliceOutputs }) => sliceOutputs),
    ...whole.batchOutputs,
  ]);

  for (const { node, memory: to } of whole.stepInputs) {
    gpu.queue.writeBuffer(to, 0, wholeWords(inputs[node.name]!.data));
  }
  using staging = new StagingBuffers({ gpu, memory }, encoder);
  const upload = (to: GPUBuffer, data: Uint8Array<ArrayBuffer>) => {
    // All inputs of slices are written before the commands run: several slices take turns in one place.
    if (count > 1) staging.copy(data, to);
    else gpu.queue.writeBuffer(to, 0, data);
  };
  encodeDispatches(encoder, whole.dispatches.step, timer);
  slices.forEach((slice, i) => {
    for (const input of slice.sliceInputs) {
      upload(input.memory, wholeWords(dataOfSlice(input, slice, i * sliceSize, inputs)));
    }
    if (slice.sumPosition !== undefined) {
      const { position, count: summands } = sumPosition(i, count);
      upload(slice.sumPosition, wholeWords(Uint32Array.of(position, summands)));
    }
    encodeDispatches(encoder, slice.dispatches.slice, timer);
    readback.copy(slice.sliceOutputs);
  });
  encodeDispatches(encoder, whole.dispatches.finish, timer);
  readback.copy(whole.batchOutputs);
  for (const { from, to, bytes } of whole.updates) encoder.copyBufferToBuffer(from, 0, to, 0, bytes);
  staging.upload();
  timer?.resolve(encoder);
  gpu.queue.submit([encoder.finish()]);
  return readback;
}

/** @param start - the slice's first image */
function dataOfSlice(
  { node, elementsPerImage }: BoundInput,
  { images }: BoundGraph,
  start: number,
  inputs: Readonly<Record<string, HostTensor>>,
): HostTensor["data"] {
  if (node === sliceStart) return Uint32Array.of(start);
  return inputs[node.name]!.data.subarray(start * elementsPerImage, (start + images) * elementsPerImage);
}

function encodeDispatches(
  encoder: GPUCommandEncoder,
  list: readonly BoundDispatch[],
  timer: DispatchTimer | undefined,
): void {
  if (list.length === 0) return;
  let pass = timer ? undefined : encoder.beginComputePass();
  for (const { dispatch, pipeline, group } of list) {
    if (timer) pass = timer.beginPass(encoder, dispatch);
    const across = Math.min(dispatch.workgroups, mostWorkgroups);
    pass!.setPipeline(pipeline);
    pass!.setBindGroup(0, group);
    pass!.dispatchWorkgroups(across, Math.ceil(dispatch.workgroups / across));
    if (timer) pass!.end();
  }
  if (!timer) pass!.end();
}

/** Inputs of several slices, a buffer each, copied from there to where every slice reads them. */
class StagingBuffers implements Disposable {
  readonly #host: Pick<GpuHost, "gpu" | "memory">;
  readonly #encoder: GPUCommandEncoder;
  readonly #staged: { readonly data: Uint8Array<ArrayBuffer>; readonly buffer: GPUBuffer }[] = [];

  constructor(host: Pick<GpuHost, "gpu" | "memory">, encoder: GPUCommandEncoder) {
    this.#host = host;
    this.#encoder = encoder;
  }

  copy(data: Uint8Array<ArrayBuffer>, to: GPUBuffer): void {
    const usage = BufferUsage.copySource | BufferUsage.copyTarget;
    const buffer = this.#host.memory.allocate(data.length, usage);
    this.#staged.push({ data, buffer });
    this.#encoder.copyBufferToBuffer(buffer, 0, to, 0, data.length);
  }

  upload(): void {
    for (const { data, buffer } of this.#staged) this.#host.gpu.queue.writeBuffer(buffer, 0, data);
  }

  /** Commands on the queue keep the memory that they use. */
  [Symbol.dispose](): void {
    for (const { buffer } of this.#staged) buffer.destroy();
  }
}

/** The bytes of an array, padded to whole words. */
function wholeWords(data: HostTensor["data"]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil(data.byteLength / 4) * 4);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return bytes;
}

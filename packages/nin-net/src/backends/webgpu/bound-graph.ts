/**
 * A lowered graph over real memory: its bind groups, and where its inputs, outputs and updates are. All that a run
 * needs to know is found here once.
 */
import {
  bytesPerElement,
  type InputNode,
  type Node,
  type Phase,
  sizeOf,
  type TensorType,
} from "../../graph/node.ts";
import type { Buffer, Dispatch } from "./dispatch.ts";
import type { LoweredGraph } from "./lowered-graphs.ts";
import { paddedBytes } from "./usage.ts";

/** Offsets of uniforms are multiples of this on every GPU. */
export const uniformStride = 256;

/** A dispatch ready to be encoded. */
export interface BoundDispatch {
  readonly dispatch: Dispatch;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
}

/** Where a run's input goes. */
export interface BoundInput {
  readonly node: InputNode;
  readonly memory: GPUBuffer;
  /** Elements an image, of inputs of slices. */
  readonly elementsPerImage: number;
}

/** Where an output of a slice or of the batch is. */
export interface BoundOutput {
  readonly name: string;
  readonly type: TensorType;
  readonly memory: GPUBuffer;
  /** Whole words. */
  readonly bytes: number;
}

export interface Copy {
  readonly from: GPUBuffer;
  readonly to: GPUBuffer;
  /** Whole words. */
  readonly bytes: number;
}

export interface BoundGraph {
  readonly images: number;
  readonly dispatches: { readonly [P in Phase]: readonly BoundDispatch[] };
  readonly stepInputs: readonly BoundInput[];
  readonly sliceInputs: readonly BoundInput[];
  /** Where the position of a slice's sums goes; undefined if nothing is summed over slices, or there is one slice. */
  readonly sumPosition: GPUBuffer | undefined;
  readonly sliceOutputs: readonly BoundOutput[];
  /** Outputs of the whole batch. */
  readonly batchOutputs: readonly BoundOutput[];
  /** New values of states, in the order in which they are copied. */
  readonly updates: readonly Copy[];
}

/** What a graph is bound to. */
export interface Bindings {
  readonly gpu: GPUDevice;
  readonly pipelines: ReadonlyMap<string, GPUComputePipeline>;
  /** The sizes of each dispatch, {@link uniformStride} bytes apart. */
  readonly uniforms: GPUBuffer;
  /** See `LoweringContext`. */
  readonly sumPosition: Buffer;
  memoryOf(buffer: Buffer): GPUBuffer;
}

export function bindGraph(lowered: LoweredGraph, to: Bindings): BoundGraph {
  const { graph, images, lowering } = lowered;
  const place = (node: Node) => to.memoryOf(lowering.buffer(node));
  const inputs = lowering.inputs.map((node) => ({
    node,
    memory: place(node),
    elementsPerImage: sizeOf(node.type.shape) / images,
  }));
  const outputs = Object.entries(graph.outputs).map(([name, node]) => ({
    phase: node.phase,
    output: { name, type: node.type, memory: place(node), bytes: wholeWords(bytesOf(node)) },
  }));
  const ofSlices = ({ phase }: { readonly phase: Phase }) => phase === "slice";
  return {
    images,
    dispatches: bindDispatches(lowered, to),
    stepInputs: inputs.filter(({ node }) => !ofSlices(node)),
    sliceInputs: inputs.filter(({ node }) => ofSlices(node)),
    sumPosition: lowering.sums.size > 0 ? to.memoryOf(to.sumPosition) : undefined,
    sliceOutputs: outputs.filter(ofSlices).map(({ output }) => output),
    batchOutputs: outputs.filter((output) => !ofSlices(output)).map(({ output }) => output),
    updates: updatesOf(lowered, to),
  };
}

function bindDispatches({ lowering: { lists, sums } }: LoweredGraph, to: Bindings): BoundGraph["dispatches"] {
  let index = 0;
  const bind = (dispatch: Dispatch): BoundDispatch => {
    const pipeline = to.pipelines.get(dispatch.wgsl)!;
    const offset = uniformStride * index++;
    const resources: GPUBindingResource[] = dispatch.buffers.map((buffer) => ({
      buffer: to.memoryOf(buffer),
      // A slot may be larger than a kernel may bind. Behind a sum over slices lie its partial sums.
      ...(!sums.has(buffer) && { size: paddedBytes(buffer.bytes) }),
    }));
    resources.push({ buffer: to.uniforms, offset, size: 16 });
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    const group = to.gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    return { dispatch, pipeline, group };
  };
  return { step: lists.step.map(bind), slice: lists.slice.map(bind), finish: lists.finish.map(bind) };
}

/** First the snapshots of old values, then the new values of states. */
function updatesOf({ graph, lowering, snapshots }: LoweredGraph, { memoryOf }: Bindings): Copy[] {
  const copy = (from: Buffer, to: Buffer): Copy => ({
    from: memoryOf(from),
    to: memoryOf(to),
    bytes: wholeWords(to.bytes),
  });
  return [
    ...[...snapshots].map(([value, snapshot]) => copy(lowering.buffer(value), snapshot)),
    ...[...graph.updates].map(([state, value]) =>
      copy(snapshots.get(value) ?? lowering.buffer(value), lowering.buffer(state)),
    ),
  ];
}

function bytesOf({ type }: Node): number {
  return sizeOf(type.shape) * bytesPerElement[type.dtype];
}

/** WebGPU copies and writes whole words. */
function wholeWords(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

/**
 * The tensor program: a graph of nodes, each with the type of the tensor that it stands for.
 *
 * Activations are channels last, [N, H, W, C]; convolution weights are [K, K, Cin, Cout].
 */
import type { AnyOp } from "./op.ts";

/** Element types of the engine: float32 values, bytes (images, labels, window positions), 32-bit counters. */
export type DType = "f32" | "u8" | "u32";

/** Shape and element type of a node's value. */
export interface TensorType {
  /** In the engine's layout: activations [N, H, W, C], weights [K, K, Cin, Cout]. */
  readonly shape: readonly number[];
  /** Element type. */
  readonly dtype: DType;
}

/**
 * How often a value changes.
 *
 * A batch is run in slices of images. `step`: once for the whole step (weights, learning rate and what depends
 * on nothing else); `slice`: once a slice, the leading axis counting the slice's images; `finish`: after the
 * last slice, because it depends on a sum over slices.
 */
export type Phase = "step" | "slice" | "finish";

/** A value from outside: data handed to every run. */
export interface InputNode {
  /** Discriminates {@link Node}. */
  readonly kind: "input";
  /** The key under which a run is given the value. */
  readonly name: string;
  /** Shape and element type. */
  readonly type: TensorType;
  /** Whether the value is the whole step's or a slice's. */
  readonly phase: "step" | "slice";
  /** Whether gradients begin with it: see {@link gradientSeed}. */
  readonly seedsGradients?: boolean;
}

/** A value that survives between runs: a weight, a momentum buffer. */
export interface StateNode {
  /** Discriminates {@link Node}. */
  readonly kind: "state";
  /** The key of the value in the device's state. */
  readonly name: string;
  /** Shape and element type. */
  readonly type: TensorType;
  /** It is the same throughout a step. */
  readonly phase: "step";
}

/** A value computed by an op. */
export interface OpNode {
  /** Discriminates {@link Node}. */
  readonly kind: "op";
  /** The op that computes the value. */
  readonly op: AnyOp;
  /** What the op is applied to. */
  readonly inputs: readonly Node[];
  /** Attributes of the op, such as a stride; empty if it has none. */
  readonly attrs: object;
  /** Elementwise ops that run on the result before it is stored, in order; their first input is that result. */
  readonly epilogue: readonly EpilogueStep[];
  /** Shape and element type of the result, after the epilogue. */
  readonly type: TensorType;
  /** How often it is computed. */
  readonly phase: Phase;
}

/** One op of {@link OpNode.epilogue}. */
export interface EpilogueStep {
  /** An elementwise op. */
  readonly op: AnyOp;
  /** The inputs after the first. */
  readonly inputs: readonly Node[];
  /** Attributes of the op; empty if it has none. */
  readonly attrs: object;
}

/** A value of a graph: an input, a value that a device keeps, or an op applied to others. */
export type Node = InputNode | StateNode | OpNode;

/** What one run of a program reads back and what it writes into its state. */
export interface Graph {
  /** Read back after a run; slice-phase outputs are joined along the leading axis. */
  readonly outputs: Readonly<Record<string, Node>>;
  /** New values of state nodes, written after everything else is done. */
  readonly updates: ReadonlyMap<StateNode, Node>;
}

/**
 * A value from outside, as a node.
 *
 * @param phase - `slice` if the leading axis counts images
 */
export function input(
  name: string,
  shape: readonly number[],
  dtype: DType,
  phase: "step" | "slice",
): InputNode {
  return { kind: "input", name, type: { shape, dtype }, phase };
}

/**
 * What `gradients` begin with: the gradient of the final quantity with respect to a loss, of the loss's shape. Mixed
 * precision stores what depends on it times a loss scale.
 */
export function gradientSeed(name: string, shape: readonly number[]): InputNode {
  return { ...input(name, shape, "f32", "step"), seedsGradients: true };
}

/**
 * Index within the batch of the slice's first image, u32 [1]; every backend fills it by itself.
 * Random masks add it to their counters, so that slicing does not change them.
 */
export const sliceStart: InputNode = input("sliceStart", [1], "u32", "slice");

/** A value that a device keeps between runs, such as a weight: float32, by name. */
export function state(name: string, shape: readonly number[]): StateNode {
  return { kind: "state", name, type: { shape, dtype: "f32" }, phase: "step" };
}

/** Number of elements. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

export const bytesPerElement: Readonly<Record<DType, number>> = { f32: 4, u8: 1, u32: 4 };

/** All inputs of a node, those of its epilogue included. */
export function inputsOf(node: Node): readonly Node[] {
  if (node.kind !== "op") return [];
  if (node.epilogue.length === 0) return node.inputs;
  return [...node.inputs, ...node.epilogue.flatMap((step) => step.inputs)];
}

/** Every node that `roots` depend on, each after its inputs. */
export function topologicalOrder(roots: Iterable<Node>): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const following = inputsOf(top.node)[top.next++];
      if (following === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(following)) {
        seen.add(following);
        stack.push({ node: following, next: 0 });
      }
    }
  }
  return order;
}

/**
 * The roots of a graph: outputs, then updates, the last one first. The gradient of the last layer's weights needs the
 * least of the backward pass: each gradient is computed as soon as what it needs is there, while that is in a cache.
 */
export function rootsOf(graph: Graph): Node[] {
  return [...Object.values(graph.outputs), ...graph.updates.keys(), ...[...graph.updates.values()].reverse()];
}

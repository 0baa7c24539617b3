/** What every backend checks about the inputs of a run. */
import { formatShape, NinError } from "../core/errors.ts";
import {
  type DType,
  type Graph,
  type InputNode,
  rootsOf,
  sizeOf,
  sliceStart,
  topologicalOrder,
} from "../graph/node.ts";
import type { HostTensor } from "./backend.ts";

/** The inputs that the caller of a program gives, by name. */
export function callerInputs(graph: Graph): ReadonlyMap<string, InputNode> {
  const inputs = topologicalOrder(rootsOf(graph)).filter((node) => node.kind === "input");
  return new Map(inputs.filter((node) => node !== sliceStart).map((node) => [node.name, node]));
}

/**
 * Checks the inputs of a run against those of the graph.
 *
 * @param wanted - see {@link callerInputs}; the leading length of slice-phase inputs does not matter
 * @returns images in the batch: the leading length of the slice-phase inputs; undefined if there are none
 * @throws NinError naming the input that is missing, unknown or of another type or shape
 */
export function checkInputs(
  wanted: ReadonlyMap<string, InputNode>,
  given: Readonly<Record<string, HostTensor>>,
): number | undefined {
  const unknown = Object.keys(given).find((name) => !wanted.has(name));
  if (unknown !== undefined) {
    const names = [...wanted.keys()].join(", ") || "none";
    throw new NinError(`run: got input "${unknown}", expected ${names}. Give the inputs of the graph only.`);
  }
  let images: number | undefined;
  for (const [name, node] of wanted) {
    const tensor = given[name];
    if (tensor === undefined) {
      throw new NinError(
        `run: input "${name}" is missing, expected ${describe(node.type)}. Give every input.`,
      );
    }
    let shape = node.type.shape;
    if (node.phase === "slice") {
      images ??= tensor.shape[0] ?? 0;
      if (images < 1) {
        throw new NinError(
          `run: got no images in input "${name}", expected at least 1. Give a batch of images.`,
        );
      }
      shape = [images, ...shape.slice(1)];
    }
    const want = { shape, dtype: node.type.dtype };
    if (describe(tensor) !== describe(want)) {
      throw new NinError(
        `run: got ${describe(tensor)} for input "${name}", expected ${describe(want)}. Give inputs that fit the graph and each other.`,
      );
    }
    if (tensor.data.length !== sizeOf(shape) || !(tensor.data instanceof arrays[want.dtype])) {
      throw new NinError(
        `run: got a ${tensor.data.constructor.name} of ${tensor.data.length} for input "${name}", expected a ${arrays[want.dtype].name} of ${sizeOf(shape)}. Give data that fits its shape.`,
      );
    }
  }
  return images;
}

/** The array that holds values of an element type in the caller's memory. */
export const arrays = { f32: Float32Array, u8: Uint8Array, u32: Uint32Array } as const satisfies Record<
  DType,
  unknown
>;

function describe({ shape, dtype }: { readonly shape: readonly number[]; readonly dtype: DType }): string {
  return `${dtype} ${formatShape(shape)}`;
}

import { formatShape } from "../core/errors.ts";
import { sizeOf } from "../graph/node.ts";
import type { Layer } from "./layer.ts";
import { type TracedLayer, traceLayers } from "./trace-layers.ts";

/** What one layer makes of its input, and what that costs. */
export interface SummaryRow {
  /** Indices from the network down, e.g. `2.0`; empty for the network itself. */
  readonly path: string;
  /** E.g. `Conv2d`. */
  readonly kind: string;
  /** As PyTorch prints the layer, e.g. `MaxPool2d(kernelSize=3, stride=2, padding=0)`; the kind for containers. */
  readonly label: string;
  /** In PyTorch's order. */
  readonly outputShape: readonly number[];
  /** How many numbers are trained, inner layers included. */
  readonly parameters: number;
  /** Products summed in convolutions and matrix products, inner layers included. */
  readonly multiplyAdds: number;
  /** Bytes of the float32 values that the layer, or all its inner layers together, give. */
  readonly activationBytes: number;
  /** Inner layers, in the order of the data. */
  readonly children: readonly SummaryRow[];
}

/**
 * Goes through a network layer by layer.
 *
 * @param net - a layer or a network
 * @param inputShape - in PyTorch's order, e.g. [1, 1, 224, 224]
 * @returns the row of the network itself, holding those of its layers
 * @throws ShapeError naming the layer that cannot take its input
 */
export function summarize(net: Layer, inputShape: readonly number[]): SummaryRow {
  return rowOf(traceLayers(net, inputShape));
}

/** The tutorial's lines, one a layer: `Sequential output shape: [1, 96, 54, 54]`. */
export function summaryLines(net: Layer, inputShape: readonly number[]): string[] {
  return summarize(net, inputShape).children.map(
    ({ kind, outputShape }) => `${kind} output shape: ${formatShape(outputShape)}`,
  );
}

function rowOf({ layer, place, outputShape, multiplyAdds, children: traced }: TracedLayer): SummaryRow {
  const children = traced.map(rowOf);
  return {
    path: place.path,
    kind: layer.kind,
    label: children.length > 0 ? layer.kind : layer.toString(),
    outputShape,
    parameters: layer.parameterCount,
    multiplyAdds,
    activationBytes:
      children.length > 0
        ? children.reduce((bytes, row) => bytes + row.activationBytes, 0)
        : sizeOf(outputShape) * Float32Array.BYTES_PER_ELEMENT,
    children,
  };
}

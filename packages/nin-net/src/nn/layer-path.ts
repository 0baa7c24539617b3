import { ShapeError } from "../core/errors.ts";

/** Where a layer stands in its network, for messages and tables. */
export interface LayerPath {
  /** The network's kind, e.g. `NinNet`. */
  readonly root: string;
  /** Indices from the network down to the layer, e.g. `2.0`; empty for the network itself. */
  readonly path: string;
}

/** The index of an inner layer; `called` inner layers were traced before it. */
export function childIndex(children: readonly object[], child: object, called: number): number {
  return children[called] === child ? called : children.indexOf(child);
}

/** The place of the `index`-th layer inside the container at `place`. */
export function inside(place: LayerPath, index: number): LayerPath {
  return { root: place.root, path: place.path === "" ? `${index}` : `${place.path}.${index}` };
}

/** `NinNet layer 2.0 (Conv2d)`; the kind alone for a layer that stands by itself. */
export function describeLayer(kind: string, place: LayerPath | undefined): string {
  return place === undefined || place.path === "" ? kind : `${place.root} layer ${place.path} (${kind})`;
}

/** @throws ShapeError unless `value` is a whole number of at least `least` */
export function checkWhole(kind: string, name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ShapeError(kind, {
      got: `${name} ${value}`,
      want: `a whole number of at least ${least}`,
      fix: `Pass a different ${name}.`,
    });
  }
  return value;
}

/**
 * The four lengths of a batch of images in PyTorch's order.
 *
 * @param where - who refuses, see {@link describeLayer}
 * @throws ShapeError unless there are four lengths of at least 1
 */
export function imageBatch(
  where: string,
  shape: readonly number[],
): [n: number, c: number, h: number, w: number] {
  if (shape.length !== 4) {
    throw new ShapeError(where, {
      got: shape,
      want: "[N, C, H, W]",
      fix:
        shape.length === 3
          ? "Add a batch axis with x.reshape([1, ...x.shape])."
          : "Give images with four axes: images, channels, height, width.",
    });
  }
  checkPositive(where, shape);
  return [...shape] as [number, number, number, number];
}

/** @throws ShapeError unless every length is a whole number of at least 1 */
export function checkPositive(where: string, shape: readonly number[]): void {
  if (shape.length === 0 || shape.some((length) => !Number.isSafeInteger(length) || length < 1)) {
    throw new ShapeError(where, {
      got: shape,
      want: "whole numbers of at least 1",
      fix: "Give at least one image, and sizes above zero.",
    });
  }
}

/** Sizes of a layer whose windows slide over an image. */
export interface WindowSizes {
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;
  /** Whether a window may reach beyond the padding; default false. */
  readonly ceilMode?: boolean | undefined;
}

/** @throws ShapeError if no window fits into `length` pixels */
export function checkWindow(
  where: string,
  shape: readonly number[],
  length: number,
  { kernelSize, stride, padding, ceilMode = false }: WindowSizes,
): void {
  const least = Math.max(1, kernelSize - 2 * padding - (ceilMode ? stride - 1 : 0));
  if (length >= least) return;
  throw new ShapeError(where, {
    got: shape,
    want: `images of at least ${least}x${least} pixels for kernel ${kernelSize} with padding ${padding}`,
    fix: "Use larger images (resize), a smaller kernel or more padding.",
  });
}

import type { Layer } from "../nn/layer.ts";
import { BatchNorm2d } from "../nn/layers/batch-norm-2d.ts";
import { Conv2d } from "../nn/layers/conv2d.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Pool2d } from "../nn/layers/pool-2d.ts";
import { ReLU } from "../nn/layers/relu.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { Sigmoid } from "../nn/layers/sigmoid.ts";
import { Tanh } from "../nn/layers/tanh.ts";

/** Which part of the input a pixel of feature maps looks at, along either axis, in input pixels. */
export interface ReceptiveField {
  /** Centre of what the first pixel looks at; the centre of the first input pixel is 0.5. */
  readonly start: number;
  /** Distance between the centres of neighbouring pixels. */
  readonly step: number;
  /** Length of what one pixel looks at; padding may be part of it. */
  readonly size: number;
}

/** Layers whose pixels, in evaluation mode, depend on the same pixel of their input alone. */
const pixelByPixel = [ReLU, Sigmoid, Tanh, Dropout, BatchNorm2d];

const pixel: ReceptiveField = { start: 0.5, step: 1, size: 1 };

/**
 * The receptive field of the pixels that layers give.
 *
 * @returns undefined where pixels have no place of their own, as after averaging over the image
 * @see Araujo, Norris & Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", Distill
 */
export function receptiveField(layer: Layer, field: ReceptiveField = pixel): ReceptiveField | undefined {
  if (layer instanceof Sequential) {
    let current: ReceptiveField | undefined = field;
    for (const child of layer) current = current && receptiveField(child, current);
    return current;
  }
  if (layer instanceof Conv2d || layer instanceof Pool2d) {
    const { kernelSize, stride, padding } = layer;
    return {
      start: field.start + ((kernelSize - 1) / 2 - padding) * field.step,
      step: field.step * stride,
      size: field.size + (kernelSize - 1) * field.step,
    };
  }
  const isPointwise = pixelByPixel.some((kind) => layer instanceof kind);
  return isPointwise ? field : undefined;
}

import type { Layer } from "../nn/layer.ts";
import { Conv2d } from "../nn/layers/conv2d.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { MaxPool2d } from "../nn/layers/max-pool-2d.ts";
import { ReLU } from "../nn/layers/relu.ts";
import { Sequential } from "../nn/layers/sequential.ts";

/** Which part of the input a pixel of feature maps looks at, along either axis, in input pixels. */
export interface ReceptiveField {
  /** Centre of what the first pixel looks at; the centre of the first input pixel is 0.5. */
  readonly start: number;
  /** Distance between the centres of neighbouring pixels. */
  readonly step: number;
  /** Length of what one pixel looks at; padding may be part of it. */
  readonly size: number;
}

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
  if (layer instanceof Conv2d || layer instanceof MaxPool2d) {
    const { kernelSize, stride, padding } = layer;
    return {
      start: field.start + ((kernelSize - 1) / 2 - padding) * field.step,
      step: field.step * stride,
      size: field.size + (kernelSize - 1) * field.step,
    };
  }
  return layer instanceof ReLU || layer instanceof Dropout ? field : undefined;
}

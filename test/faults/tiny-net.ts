import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Dropout } from "#nin-net/nn/layers/dropout.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { MaxPool2d } from "#nin-net/nn/layers/max-pool-2d.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";

/** A network in the manner of Network in Network for images of 28 x 28 pixels, with a step of a millisecond. */
export function tinyNet(): Sequential {
  return new Sequential(
    new Conv2d(1, 8, 5, { stride: 2 }), // [n, 8, 12, 12]
    new ReLU(),
    new MaxPool2d(3, { stride: 2 }), // [n, 8, 5, 5]
    new Dropout(0.5),
    new Conv2d(8, 10, 3, { padding: 1 }), // [n, 10, 5, 5]
    new AdaptiveAvgPool2d(1),
    new Flatten(),
  );
}

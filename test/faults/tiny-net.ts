import { AdaptiveAvgPool2d } from "#src/nn/adaptive-avg-pool-2d.js";
import { Conv2d } from "#src/nn/conv2d.js";
import { Dropout } from "#src/nn/dropout.js";
import { Flatten } from "#src/nn/flatten.js";
import { MaxPool2d } from "#src/nn/max-pool-2d.js";
import { ReLU } from "#src/nn/relu.js";
import { Sequential } from "#src/nn/sequential.js";

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

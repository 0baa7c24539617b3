/** Calls that must not compile: where one does, `@ts-expect-error` is an error and the tests do not build. */
import {
  AdaptiveAvgPool2d,
  Conv2d,
  type Device,
  Dropout,
  definePointwise,
  evaluateAccuracy,
  getMnistData,
  Layer,
  Linear,
  type Loss,
  MaxPool2d,
  NinNet,
  type Node,
  ninBlock,
  ops,
  type Recipe,
  ReLU,
  Sequential,
  Tensor,
  type TrainEvent,
  trainCh,
} from "#nin-net/index.js";

/** Custom expressions, layers and losses. */
export function wrongDefinitions(x: Node): void {
  const product = definePointwise("product", (a, b) => a.mul(b));
  // @ts-expect-error the second input is missing
  product(x);
  // @ts-expect-error one input too many
  product(x, x, x);
  // @ts-expect-error the result is an expression
  definePointwise("number", (_a) => 2);
  // @ts-expect-error expressions are added by methods
  definePointwise("sum", (a, b) => a + b);
  // @ts-expect-error the padding is missing
  ops.conv2d(x, x, { stride: 1 });
  // @ts-expect-error a layer traces itself
  class Empty extends Layer {
    override readonly kind = "Empty";
  }
  new Empty();
  // @ts-expect-error a loss gives a node
  const loss: Loss = () => 0;
  loss(x, x);
}

export async function wrongCalls(device: Device, event: TrainEvent, recipe: Recipe): Promise<void> {
  // @ts-expect-error the kernel's size is missing
  new Conv2d(1, 96);
  // @ts-expect-error sizes are numbers
  new Conv2d("1", 96, 11);
  // @ts-expect-error options go by name
  new Conv2d(1, 96, 11, 4);
  // @ts-expect-error it is called stride
  new Conv2d(1, 96, 11, { strides: 4 });
  // @ts-expect-error a kernel has one size
  new MaxPool2d([3, 3]);
  // @ts-expect-error two lengths at most
  new AdaptiveAvgPool2d([1, 1, 1]);
  // @ts-expect-error a probability is a number
  new Dropout(true);
  // @ts-expect-error outFeatures is missing
  new Linear(10);
  // @ts-expect-error the padding is missing
  ninBlock(1, 96, 11, 4);
  // @ts-expect-error layers one by one, not as a list
  new Sequential([new ReLU()]);
  // @ts-expect-error it is called classes
  new NinNet({ numClasses: 10 });
  // @ts-expect-error values are a Float32Array
  new Tensor([2], [1, 2]);

  const net = new NinNet();
  // @ts-expect-error a list of numbers has no shape
  await net.forward([1, 2, 3]);
  // @ts-expect-error no such mode
  await net.forward(Tensor.zeros([1, 1, 224, 224]), { mode: "test" });
  // @ts-expect-error the result is a promise
  net.forward(Tensor.zeros([1, 1, 224, 224])).shape;
  // @ts-expect-error layers cannot be replaced
  net.layers = [];
  // @ts-expect-error weights are tensors
  net.loadStateDict({ "model.0.0.weight": [1] });

  // @ts-expect-error no such data set
  const [trainIter, testIter] = await getMnistData(128, { dataset: "cifar" });
  // @ts-expect-error the learning rate is missing
  await trainCh(net, trainIter, testIter, { epochs: 10 });
  // @ts-expect-error a device, not its name
  await trainCh(net, trainIter, testIter, { epochs: 10, lr: 0.1, device: "cpu" });
  // @ts-expect-error the net comes first
  await evaluateAccuracy(testIter, net, { device });

  // @ts-expect-error only epochs have a test accuracy
  event.testAccuracy;
  // @ts-expect-error a recipe does not change
  recipe.lr = 1;
  switch (event.kind) {
    case "start":
    case "step":
    case "epoch":
    case "deadClassMaps":
    case "divergence":
    case "notice":
      break;
    default:
      // @ts-expect-error "done" was forgotten
      event satisfies never;
  }
}

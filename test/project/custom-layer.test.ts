/** A custom layer, op and loss, by the public API alone: trained, checked, resumed, evaluated. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AdaptiveAvgPool2d,
  type BatchSource,
  Conv2d,
  decodeCheckpoint,
  definePointwise,
  encodeCheckpoint,
  evaluate,
  Flatten,
  kaimingNormal,
  Layer,
  LayerBuffer,
  type Loss,
  manualSeed,
  type Node,
  newParameter,
  openDevice,
  ops,
  type Parameter,
  type PixelBatch,
  presets,
  type ResumeFrom,
  Sequential,
  Session,
  sgd,
  summarize,
  Tensor,
  type TraceContext,
  type TrainEvent,
  type TrainingState,
  train,
  writeOnnx,
} from "nin-net";

/** x sigmoid(slope x), with a learned slope for each channel: Ramachandran et al. 2017 (arXiv:1710.05941). */
const swish = definePointwise("swish", (x, slope) => x.mul(slope).sigmoid().mul(x));
const decay = definePointwise("decay", (old, sum, count) => old.mul(0.9).add(sum.div(count).mul(0.1)));
const ones = definePointwise("ones", (x) => x.equal(x).max(1));
/** Lin et al. 2017, "Focal loss for dense object detection": (1 - p)^2 of the cross-entropy -log p. */
const focal = definePointwise("focal", (c) => c.neg().exp().neg().add(1).pow(2).mul(c));

const focalLoss: Loss = (logits, labels) => focal(ops.crossEntropy(logits, labels));

/** Swish that keeps the running mean of each channel, for nothing but to have a buffer. */
class WatchedSwish extends Layer {
  override readonly kind = "WatchedSwish";
  readonly slope: Parameter;
  readonly mean: LayerBuffer;

  constructor(channels: number) {
    super();
    this.slope = newParameter("slope", [channels], { in: channels, out: channels }, kaimingNormal());
    this.mean = new LayerBuffer("running_mean", [channels]);
  }

  override get parameters(): readonly Parameter[] {
    return [this.slope];
  }

  override get buffers(): readonly LayerBuffer[] {
    return [this.mean];
  }

  override trace(x: Node, context: TraceContext): Node {
    const pixels = ops.sumSlices(ops.sumAll(ones(ops.adaptiveAvgPool2d(x, { height: 1, width: 1 }))));
    const means = ops.sumPixels(ops.adaptiveAvgPool2d(x, { height: 1, width: 1 }));
    const channels = x.type.shape[3]!;
    const count = definePointwise("count", (n) => n.mul(1 / channels))(pixels);
    context.update(this.mean, decay(context.buffer(this.mean), ops.sumSlices(means), count));
    return swish(x, context.parameter(this.slope));
  }
}

function makeNet(seed: number): { net: Sequential; own: WatchedSwish } {
  manualSeed(seed);
  const own = new WatchedSwish(5);
  const net = new Sequential(
    new Conv2d(1, 5, 3),
    own,
    new Conv2d(5, 3, 1),
    new AdaptiveAvgPool2d(1),
    new Flatten(),
  );
  return { net, own };
}

/** 6x7 images, brighter the higher their class. */
function shades(count: number, batchSize: number): BatchSource {
  const [height, width] = [6, 7];
  return {
    count,
    batchSize,
    batchCount: Math.ceil(count / batchSize),
    *batches(): Generator<readonly [PixelBatch, Uint8Array]> {
      for (let start = 0; start < count; start += batchSize) {
        const n = Math.min(batchSize, count - start);
        const labels = Uint8Array.from({ length: n }, (_, i) => (start + i) % 3);
        const pixels = Uint8Array.from(
          { length: n * height * width },
          (_, i) => 100 * labels[Math.floor(i / (height * width))]! + ((i * 7919) % 50),
        );
        const data = Float32Array.from(pixels, (value) => value / 255);
        yield [
          {
            pixels,
            height,
            width,
            channels: 1,
            preprocessing: { resize: null, mean: null, std: null },
            shape: [n, 1, height, width],
            data,
          },
          labels,
        ];
      }
    },
  };
}

const trainSet = shades(25, 10);
const testSet = shades(9, 9);
const recipe = {
  ...presets.tutorial,
  epochs: 12,
  lr: 1,
  optimizer: { name: "sgd", momentum: 0.5, nesterov: false, weightDecay: 0, decayWeightsOnly: false },
} as const;

async function run({
  seed = 1,
  threads = 1,
  resume,
  stopAfter,
}: {
  seed?: number;
  threads?: number;
  resume?: ResumeFrom;
  stopAfter?: number;
}) {
  const { net, own } = makeNet(seed);
  using device = await openDevice("cpu", { threads });
  const kept: Uint8Array[] = [];
  const events: TrainEvent[] = [];
  const stop = new AbortController();
  const recorder = {
    isCheckpointDue: () => false,
    async onCheckpoint(state: TrainingState) {
      const origin = { recipe, datasetChecksum: null, packageVersion: "0.0.0" };
      kept.push(await encodeCheckpoint({ state, origin, events: events.length }));
    },
  };
  const options = { device, loss: focalLoss, callbacks: [recorder], resume, signal: stop.signal };
  for await (const event of train(net, trainSet, testSet, recipe, options)) {
    events.push(event);
    if (event.kind === "epoch" && event.epoch === stopAfter) stop.abort();
  }
  return { net, own, events, kept };
}

const whole = await run({});

test("it learns, and is evaluated by its own loss", async () => {
  const epochs = whole.events.filter((event) => event.kind === "epoch");
  assert.equal(epochs.length, 12);
  assert.ok(epochs[11]!.trainLossNats < 0.7 * epochs[0]!.trainLossNats, `loss ${epochs[11]!.trainLossNats}`);
  using device = await openDevice("cpu");
  const { testLossNats, testAccuracy } = await evaluate(whole.net, testSet, { device, loss: focalLoss });
  assert.ok(Math.abs(testAccuracy - epochs[11]!.testAccuracy) < 1e-9);
  const crossEntropy = (await evaluate(whole.net, testSet, { device })).testLossNats;
  assert.ok(testLossNats < crossEntropy, "the focal loss weighs images that are right less");
});

test("its gradients are central differences", async () => {
  const { net } = makeNet(3);
  using device = await openDevice("reference");
  const [[images, labels]] = [...testSet.batches(0)] as [readonly [PixelBatch, Uint8Array]];
  const step = { seed: 0, epoch: 0, step: 0 };
  using session = await Session.open(net, device, { loss: focalLoss });
  const { gradients } = await session.gradients(images, labels, step);
  const loss = async () => {
    using moved = await Session.open(net, device, { loss: focalLoss });
    return (await moved.evaluate(images, labels)).lossNatsSum / labels.length;
  };
  for (const [name, parameter] of net.namedParameters()) {
    if (parameter.shape.length > 1) continue; // those of convolutions are in another order
    for (let i = 0; i < parameter.size; i++) {
      const value = parameter.data[i]!;
      parameter.data[i] = value + 2 ** -7;
      const above = await loss();
      const up = parameter.data[i]!;
      parameter.data[i] = value - 2 ** -7;
      const numeric = (above - (await loss())) / (up - parameter.data[i]!);
      parameter.data[i] = value;
      const analytic = gradients.get(name)![i]!;
      assert.ok(
        Math.abs(numeric - analytic) < 1e-4,
        `${name}[${i}]: gradient ${analytic}, difference ${numeric}`,
      );
    }
  }
});

test("its buffer is saved under its name, not trained, updated by steps alone", async () => {
  const { net, own } = makeNet(1);
  assert.deepEqual(Object.keys(net.stateDict()), [
    "0.weight",
    "0.bias",
    "1.slope",
    "1.running_mean",
    "2.weight",
    "2.bias",
  ]);
  assert.equal(net.parameterCount, 5 * 9 + 5 + 5 + 15 + 3);
  using device = await openDevice("cpu");
  using session = await Session.open(net, device, { optimizer: sgd() });
  const [[images, labels]] = [...trainSet.batches(0)] as [readonly [PixelBatch, Uint8Array]];
  await session.evaluate(images, labels);
  await session.pull();
  assert.deepEqual([...own.mean.data], [0, 0, 0, 0, 0]);
  const pooled = await new Sequential(net.at(0)!, new AdaptiveAvgPool2d(1), new Flatten()).forward(images, {
    device,
  });
  await session.step(images, labels, { lr: 0, seed: 0, epoch: 0, step: 0, stepsBefore: 0 });
  await session.pull();
  own.mean.data.forEach((value, c) => {
    const mean = labels.reduce((sum, _, n) => sum + pooled.data[5 * n + c]!, 0) / labels.length;
    assert.ok(Math.abs(value - 0.1 * mean) < 1e-6, `channel ${c}: ${value}, a tenth of ${mean}`);
  });
});

test("stopped and resumed from a checkpoint with other threads, it ends with the same bits", async () => {
  const first = await run({ threads: 2, stopAfter: 2 });
  const { state } = await decodeCheckpoint(first.kept.at(-1)!);
  assert.ok("1.running_mean" in state.weights);
  const second = await run({ seed: 99, threads: 3, resume: { state } });
  assert.deepEqual(second.net.stateDict(), whole.net.stateDict());
});

test("its shapes and costs follow from its ops, and errors name it", async () => {
  const { net } = makeNet(1);
  const { children } = summarize(net, [2, 1, 6, 7]);
  assert.deepEqual(
    children.map(({ outputShape, multiplyAdds }) => [outputShape, multiplyAdds]),
    [
      [[2, 5, 4, 5], 2 * 20 * 45],
      [[2, 5, 4, 5], 0],
      [[2, 3, 4, 5], 2 * 20 * 15],
      [[2, 3, 1, 1], 0],
      [[2, 3], 0],
    ],
  );
  const wrong = new Sequential(new Conv2d(1, 4, 3), new WatchedSwish(5));
  await assert.rejects(wrong.forward(new Tensor([1, 1, 6, 6], new Float32Array(36))), {
    name: "ShapeError",
    message:
      "Sequential layer 1 (WatchedSwish): decay: got shape [4], expected [5] or [1]. " +
      "Give inputs of the first one's shape, one number a channel or one number. " +
      "Ops take images channels last, [N, H, W, C].",
  });
});

test("its export to ONNX is refused in one sentence", () => {
  assert.throws(() => writeOnnx(whole.net, { imageShape: [1, 6, 7] }), {
    name: "NinError",
    message:
      "Sequential layer 1 (WatchedSwish): got a layer of your own, expected those of this package. " +
      "Build it of these, so that ONNX has a word for it.",
  });
});

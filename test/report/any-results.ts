import { collectTestResults, type TestResults } from "#nin-cli/report/test-results.js";
import { openDevice } from "#nin-net/backends/devices.js";
import { arrayDataset } from "#nin-net/data/array-dataset.js";
import { DataIterator } from "#nin-net/data/data-iterator.js";
import { type Dataset, imageAt } from "#nin-net/data/dataset.js";
import { Explainer } from "#nin-net/explain/explainer.js";
import { manualSeed } from "#nin-net/nn/initializers.js";
import { AdaptiveAvgPool2d } from "#nin-net/nn/layers/adaptive-avg-pool-2d.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { evaluateWithScores } from "#nin-net/train/scored-evaluation.js";
import { Session } from "#nin-net/train/session.js";

export interface AnyResultsOptions {
  readonly classes: readonly string[];
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
  /** Whether the network ends in the average of one map a class; else in a Linear layer. */
  readonly hasMaps: boolean;
  /** Test images. */
  readonly count: number;
}

/** Coloured shapes, one colour and place a class. */
async function shapes({ classes, image, count }: AnyResultsOptions): Promise<Dataset> {
  const { channels, height, width } = image;
  const labels = Uint16Array.from({ length: count }, (_, i) => i % classes.length);
  const images = new Uint8Array(count * height * width * channels);
  labels.forEach((label, n) => {
    const [x0, y0] = [(label * 7) % width, (label * 3) % height];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const isInside = Math.abs(x - x0) + Math.abs(y - y0) < (width + height) / 5;
        for (let c = 0; c < channels; c++) {
          const level = isInside ? 80 + ((label * (c + 3) * 37) % 176) : 20 + ((x * y + n) % 12);
          images[((n * height + y) * width + x) * channels + c] = level;
        }
      }
    }
  });
  const split = { images, labels };
  return arrayDataset({
    name: "shapes",
    title: "coloured shapes",
    image,
    classes,
    train: split,
    test: split,
  });
}

/** What an untrained network makes of coloured shapes. */
export async function anyResults(options: AnyResultsOptions) {
  const { classes, image, hasMaps } = options;
  const data = await shapes(options);
  manualSeed(1);
  const { channels, height, width } = image;
  const net = hasMaps
    ? new Sequential(
        new Conv2d(channels, classes.length, 3, { padding: 1, stride: 2 }),
        new AdaptiveAvgPool2d([1, 1]),
        new Flatten(),
      )
    : new Sequential(new Flatten(), new Linear(channels * height * width, classes.length));
  using device = await openDevice("cpu", { threads: 1 });
  using session = await Session.open(net, device);
  const testIter = new DataIterator(data.test, { batchSize: 64 });
  const tested = await evaluateWithScores(session, testIter, { classes });
  const results: TestResults = await collectTestResults(net, data.test, tested, { device });
  using explainer = await Explainer.open(net, { image, classes, device });
  const [explanation] = await explainer.explain([imageAt(data.test, 1)]);
  return { data, results, explanation: explanation! };
}

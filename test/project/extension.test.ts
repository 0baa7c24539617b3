/** A data set and a network from outside, by the public API alone: trained, kept, resumed, evaluated, described. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  arrayDataset,
  buildModel,
  DataIterator,
  type Dataset,
  decodeCheckpoint,
  encodeCheckpoint,
  evaluate,
  Flatten,
  Linear,
  openDevice,
  type Recipe,
  type ResumeFrom,
  Sequential,
  type TrainingState,
  train,
} from "nin-net";
import { classes, colouredDataset, image, leNet, recipeFor } from "./colours.js";

let data: Dataset;
let recipe: Recipe;
before(async () => {
  data = await colouredDataset();
  recipe = recipeFor(leNet, data);
});

async function run(epochs: number, resume?: ResumeFrom) {
  const { batchSize, mean, std, seed } = recipe;
  const net = buildModel(leNet, data.image, { seed });
  const trainIter = new DataIterator(data.train, { batchSize, mean, std, seed, shuffle: true });
  const testIter = new DataIterator(data.test, { batchSize, mean, std });
  let kept: TrainingState | undefined;
  const recorder = {
    async onCheckpoint(state: TrainingState) {
      const origin = { recipe, datasetChecksum: data.checksum, packageVersion: "0.0.0" };
      kept = (await decodeCheckpoint(await encodeCheckpoint({ state, origin, events: 0 }))).state;
    },
  };
  using device = await openDevice("cpu", { threads: 1 });
  const options = { device, callbacks: [recorder], resume };
  for await (const event of train(net, trainIter, testIter, { ...recipe, epochs }, options)) void event;
  const result = await evaluate(net, testIter, { device, classes: data.classes });
  return { net, kept: kept!, result };
}

test("a data set from arrays says what it is", () => {
  assert.deepEqual(data.image, { ...image, classes: 5 });
  assert.deepEqual([data.train.count, data.test.count, data.synthetic], [45, 20, false]);
  const [images] = [...new DataIterator(data.test, { batchSize: 20, resize: [5, 7] }).batches(0)][0]!;
  assert.deepEqual(images.shape, [20, 3, 5, 7]);
});

test("it is learned, and a run that was kept and resumed has the same bits", async () => {
  const whole = await run(4);
  assert.equal(whole.result.testAccuracy, 1);
  assert.deepEqual(
    whole.result.perClass.map(({ name }) => name),
    classes,
  );
  const half = await run(2);
  const resumed = await run(4, { state: half.kept });
  assert.deepEqual(resumed.net.stateDict(), whole.net.stateDict());
});

test("an option of the network is checked, and a network of other images refused", () => {
  assert.throws(
    () => buildModel(leNet, data.image, { seed: 0, width: 3 }),
    /^NinError: Network small-lenet, option width: there is none of that name\./,
  );
  const other = buildModel(leNet, { channels: 1, classes: 5 }, { seed: 0, features: 2 });
  assert.throws(() => other.outputShape([1, 3, 10, 14]), /ShapeError/);
});

test("a thousand classes are learned and told apart", async () => {
  const count = 1000;
  const labels = Uint16Array.from({ length: count }, (_, i) => i);
  const images = Uint8Array.from({ length: count * 4 }, (_, i) => {
    const label = Math.floor(i / 4);
    return [label % 10, Math.floor(label / 10) % 10, Math.floor(label / 100), 9][i % 4]! * 25;
  });
  const many = await arrayDataset({
    name: "numbers",
    image: { channels: 1, height: 2, width: 2 },
    classes: Array.from(labels, String),
    train: { images, labels },
    test: { images, labels },
  });
  const net = new Sequential(new Flatten(), new Linear(4, 1000));
  // Scores x . w - |w|^2 / 2 with the images as weights: the nearest image wins.
  const [, weight] = net.namedParameters()[0]!;
  const [, bias] = net.namedParameters()[1]!;
  for (let k = 0; k < count; k++) {
    const pixels = Array.from(images.subarray(4 * k, 4 * k + 4), (level) => level / 255);
    pixels.forEach((value, i) => {
      weight.data[4 * k + i] = value;
    });
    bias.data[k] = -pixels.reduce((sum, value) => sum + value * value, 0) / 2;
  }
  const testIter = new DataIterator(many.test, { batchSize: 300 });
  for (const kind of ["cpu", "reference"] as const) {
    using device = await openDevice(kind);
    const { testAccuracy, perClass } = await evaluate(net, testIter, { device });
    assert.deepEqual([testAccuracy, perClass.length, perClass[999]!.support], [1, 1000, 1]);
  }
  await assert.rejects(
    arrayDataset({
      name: "wrong",
      image: { channels: 1, height: 2, width: 2 },
      classes: ["a", "b"],
      train: { images: new Uint8Array(4), labels: Uint8Array.of(2) },
      test: { images: new Uint8Array(4), labels: Uint8Array.of(0) },
    }),
    { message: "data set wrong: got label 2 for image 0, expected labels of 0 to 1. Name every class." },
  );
});

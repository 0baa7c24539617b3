/** Coloured images that are not square, through everything that is done with a trained network. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, type TestContext, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { decodeImage, drawingToPng } from "nin-cli";
import {
  buildModel,
  DataIterator,
  type Dataset,
  type Device,
  drawExplanation,
  drawGrid,
  Explainer,
  evaluate,
  featureMaps,
  findLayer,
  firstFilters,
  imageAt,
  imageBatch,
  type Layer,
  modelMetadata,
  openDevice,
  Predictor,
  pictureOf,
  predictPictures,
  preprocessingOf,
  type Recipe,
  type TrainCallback,
  type TrainEvent,
  train,
  writeOnnx,
} from "nin-net";
import sharp from "sharp";
import { ReportWriter } from "#nin-cli/runs/report-writer.js";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { TensorBoardWriter } from "#nin-cli/runs/tensorboard-writer.js";
import { defaultLimits } from "#nin-cli/serve/limits.js";
import { startService } from "#nin-cli/serve/start.js";
import { temporaryFolder } from "../cli/run-nin.js";
import { runOrt } from "../interop/onnx/ort.js";
import { readEvents, skip } from "../report/tensorboard/read-events.js";
import { classes, colouredDataset, image, leNet, mapNet, recipeFor } from "./colours.js";

let data: Dataset;
before(async () => {
  data = await colouredDataset();
});

const preprocessingFor = (recipe: Recipe) => preprocessingOf("test", recipe, data.image);

/** Trains a network, and tells callbacks of it. */
async function trained(
  model: typeof leNet | typeof mapNet,
  { epochs = 4, callbacksFor }: { epochs?: number; callbacksFor?: CallbacksFor } = {},
): Promise<{ readonly net: Layer; readonly recipe: Recipe }> {
  const recipe = { ...recipeFor(model, data), epochs };
  const { batchSize, seed } = recipe;
  const net =
    model === leNet ? buildModel(leNet, data.image, { seed }) : buildModel(mapNet, data.image, { seed });
  const preprocessing = preprocessingFor(recipe);
  const trainIter = new DataIterator(data.train, { batchSize, ...preprocessing, seed, shuffle: true });
  const testIter = new DataIterator(data.test, { batchSize, ...preprocessing });
  using device = await openDevice("cpu", { threads: 1 });
  const callbacks = (await callbacksFor?.({ net, recipe, device })) ?? [];
  const options = { device, callbacks, classes: data.classes };
  for await (const event of train(net, trainIter, testIter, recipe, options)) void event;
  return { net, recipe };
}

type CallbacksFor = (of: { net: Layer; recipe: Recipe; device: Device }) => Promise<TrainCallback[]>;

/** Trains a network for an epoch in a folder of its own, with a report and pictures for TensorBoard. */
async function reportedRun(t: TestContext, model: typeof leNet | typeof mapNet) {
  const path = join(temporaryFolder(t), "run");
  const warnings: string[] = [];
  let log: TensorBoardWriter | undefined;
  await trained(model, {
    epochs: 1,
    async callbacksFor({ net, recipe, device }) {
      const preprocessing = preprocessingFor(recipe);
      const config = {
        recipe,
        versions: {},
        datasetChecksum: data.checksum,
        image: data.image,
        preprocessing,
      };
      const run = await RunFolder.create(path, config);
      t.after(() => run[Symbol.dispose]());
      const warn = (message: string): void => void warnings.push(message);
      log = await TensorBoardWriter.open({ run, net, data, device, warn });
      const recorder = { onEvent: (event: TrainEvent) => run.append(event) };
      return [recorder, new ReportWriter({ run, net, data, device }), log];
    },
  });
  await log![Symbol.asyncDispose]();
  return { path, warnings };
}

function near(values: ArrayLike<number>, others: ArrayLike<number>, tolerance = 1e-4): void {
  assert.equal(values.length, others.length);
  for (let i = 0; i < values.length; i++) {
    assert.ok(Math.abs(values[i]! - others[i]!) < tolerance, `${i}: ${values[i]}, ${others[i]}`);
  }
}

const testImages = (count: number) => Array.from({ length: count }, (_, k) => imageAt(data.test, k));

for (const model of [leNet, mapNet]) {
  test(`${model.name}: report and TensorBoard show the images in their colours and shape`, async (t) => {
    const { path, warnings } = await reportedRun(t, model);
    assert.deepEqual(warnings, []);
    const page = readFileSync(join(path, "report.html"), "utf8");
    assert.match(page, /<title>.* on colours: run<\/title>/);
    for (const name of classes) assert.ok(page.includes(`<th scope="row">${name}</th>`), name);
    const hasMaps = model === mapNet;
    assert.equal(page.includes('id="class-maps"'), hasMaps);
    assert.equal(page.includes('class="maps"'), hasMaps && page.includes('class="mistake"'));
    assert.equal(
      page.includes("This network has no class maps"),
      !hasMaps && page.includes('class="mistake"'),
    );
    const [, source] =
      /<span class="sample"><img src="data:image\/png;base64,([^"]*)" [^>]* width="56" height="40">/.exec(
        page,
      )!;
    const { data: pixels, info } = await sharp(Buffer.from(source!, "base64"))
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height, info.channels], [14, 10, 3]);
    const index = Number(/alt="test image (\d+): /.exec(page)![1]);
    assert.deepEqual(new Uint8Array(pixels), new Uint8Array(imageAt(data.test, index)));
  });

  test(`${model.name}: ONNX Runtime gives the predictor's scores, from stored images and from prepared ones`, async () => {
    const { net, recipe } = await trained(model);
    const preprocessing = preprocessingFor(recipe);
    using predictor = await Predictor.open(net, { image, preprocessing, classes });
    const pixels = testImages(7);
    const { logits } = await predictor.run(pixels);
    const bytes = Uint8Array.from(pixels.flatMap((each) => [...each]));
    const shape = [7, 10, 14, 3];

    const preprocess = { image, preprocessing };
    const metadata = modelMetadata({ image, preprocessing, classes });
    const fromBytes = writeOnnx(net, { preprocess, metadata });
    near((await runOrt(fromBytes, bytes, shape)).data, logits.data);
    const fromFloats = writeOnnx(net, { preprocess: { ...preprocess, type: "float" } });
    near((await runOrt(fromFloats, Float32Array.from(bytes), shape)).data, logits.data);
    const batch = imageBatch(pixels, image, preprocessing);
    const [, ...imageShape] = batch.shape;
    near((await runOrt(writeOnnx(net, { imageShape }), batch.data, batch.shape)).data, logits.data);

    const text = Buffer.from(fromBytes).toString("latin1");
    assert.ok(text.includes(JSON.stringify(classes)));
    assert.deepEqual(JSON.parse(metadata.preprocessing!).mean, data.mean);
    assert.ok(text.includes(metadata.preprocessing!));
  });

  test(`${model.name}: the service takes rows of RGB and files, and gives the predictor's answers`, async (t) => {
    const { net, recipe } = await trained(model);
    const preprocessing = preprocessingFor(recipe);
    using device = await openDevice("cpu", { threads: 1 });
    const service = await startService(net, {
      ...{ device, classes, image, preprocessing, preparation: "photo", origins: [], limits: defaultLimits },
      ...{ host: "127.0.0.1", port: 0, token: undefined, version: "1.2.3" },
      onFault: (error) => assert.fail(String(error)),
    });
    t.after(() => service.close());
    using predictor = await Predictor.open(net, { image, preprocessing, classes, device });
    const [pixels] = testImages(1) as [Uint8Array];
    const [expected] = await predictor.predict([pixels]);
    const rows = Array.from({ length: 10 }, (_, y) =>
      Array.from({ length: 14 }, (_, x) => [...pixels.subarray((y * 14 + x) * 3, (y * 14 + x) * 3 + 3)]),
    );
    const png = await sharp(pixels, { raw: { width: 14, height: 10, channels: 3 } })
      .png()
      .toBuffer();
    const ask = (path: string, body: object | Buffer, headers: Record<string, string> = {}) =>
      fetch(`${service.url}${path}`, {
        method: "POST",
        body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body),
        headers: { "Content-Type": Buffer.isBuffer(body) ? "image/png" : "application/json", ...headers },
      });
    for (const body of [{ image: rows }, png]) {
      const response = await ask("/v1/predict?top=5", body);
      const { predictions } = (await response.json()) as {
        predictions: { top: { name: string; probability: number }[] }[];
      };
      assert.deepEqual(
        predictions[0]!.top.map(({ name }) => name),
        expected!.ranked.map(({ name }) => name),
      );
      near(
        predictions[0]!.top.map(({ probability }) => probability),
        expected!.ranked.map(({ probability }) => probability),
      );
    }
    const grey = await ask("/v1/predict", { image: rows.map((row) => row.map(([red]) => red)) });
    assert.equal(grey.status, 422);

    const explained = await ask("/v1/explain", { image: rows });
    const drawn = await ask("/v1/explain", { image: rows }, { Accept: "image/png" });
    if (model === mapNet) {
      const { explanations } = (await explained.json()) as {
        explanations: { input: unknown; top: { map: number[][] }[] }[];
      };
      assert.deepEqual(explanations[0]!.input, rows);
      assert.deepEqual(
        [explanations[0]!.top[0]!.map.length, explanations[0]!.top[0]!.map[0]!.length],
        [10, 13],
      );
      assert.ok((await sharp(await drawn.arrayBuffer()).metadata()).width > 400);
    } else {
      assert.deepEqual([explained.status, drawn.status], [422, 422]);
      assert.match(
        ((await explained.json()) as { error: { message: string } }).error.message,
        /ask \/v1\/predict instead/i,
      );
    }
    const document = await (await fetch(`${service.url}/openapi.json`)).json();
    assert.match(document.info.description, /10x14 pixels, RGB; there are 5 classes: red, green/);
    const { schema } = document.paths["/v1/predict"].post.requestBody.content["application/json"];
    const takes = new Ajv2020().compile(schema);
    assert.ok(takes({ image: rows }));
    assert.ok(!takes({ image: rows.slice(1) }) && !takes({ image: rows.map((row) => row.flat()) }));
  });
}

test("TensorBoard gets an explanation of each class, and without class maps the image and the classes", {
  skip,
}, async (t) => {
  for (const model of [leNet, mapNet]) {
    const { path } = await reportedRun(t, model);
    const file = readdirSync(path).find((name) => name.includes("tfevents"))!;
    const pictures = readEvents(join(path, file)).flatMap(({ values = [] }) =>
      values.filter(({ image }) => image),
    );
    const tags = pictures.map(({ tag }) => tag);
    assert.deepEqual(tags, ["test/confusion", ...classes.map((name) => `explained/${name}`)]);
  }
});

test("explanations are drawn in the image's colours and shape, layers and filters too", async () => {
  const { net, recipe } = await trained(mapNet);
  const preprocessing = preprocessingFor(recipe);
  using explainer = await Explainer.open(net, { image, preprocessing, classes });
  const [pixels] = testImages(1) as [Uint8Array];
  const [explanation] = await explainer.explain([pixels]);
  assert.deepEqual(explanation!.inputSize, [20, 26]);
  assert.deepEqual([explanation!.maps[0]!.height, explanation!.maps[0]!.width], [10, 13]);
  const drawing = drawExplanation(explanation!, pictureOf(image, pixels), { title: "red" });
  // 14 pixels become 224: each is 16 wide.
  const at = (x: number, y: number) => [
    ...drawing.pixels.subarray((y * drawing.width + x) * 3, (y * drawing.width + x) * 3 + 3),
  ];
  assert.deepEqual(at(24 + 16 * 13 + 8, 92 + 16 * 9 + 8), [...pixels.subarray(139 * 3)]);
  assert.deepEqual(at(24 + 8, 92 + 16 * 10 + 8), [255, 255, 255]); // below the image
  assert.ok((await drawingToPng(drawing)).length > 1000);

  const found = findLayer(net, "0");
  const maps = await featureMaps(found, imageBatch([pixels], image, preprocessing));
  assert.deepEqual(maps.shape, [1, 8, 10, 13]);
  const grid = drawGrid(
    { shape: [8, 10, 13], data: maps.data },
    { title: "layer 0", subtitle: "", legend: "value", picture: pictureOf(image, pixels) },
  );
  assert.ok((await drawingToPng(grid)).length > 1000);
  assert.deepEqual(firstFilters(net).shape, [24, 3, 3]);
});

test("a network without class maps is explained without them, and says why", async () => {
  const { net, recipe } = await trained(leNet);
  const preprocessing = preprocessingFor(recipe);
  using explainer = await Explainer.open(net, { image, preprocessing, classes });
  assert.match(explainer.whyNoMaps!, /^got a network that ends in .*, expected AdaptiveAvgPool2d/);
  const [explanation] = await explainer.explain(testImages(1));
  assert.deepEqual([explanation!.maps, explanation!.top.name], [[], "red"]);
  const drawing = drawExplanation(explanation!, pictureOf(image, testImages(1)[0]!), { title: "red" });
  const texts = drawing.texts.map(({ text }) => text);
  assert.ok(texts.includes("yellow") && !texts.some((text) => text.includes("map")));
});

test("pictures of any size become such images: scaled and cropped in the middle, in colour", async () => {
  const { net, recipe } = await trained(leNet);
  const { mean, std } = recipe;
  // A photograph of 300 x 100 pixels: blue in its middle, red at both ends, which are cropped away.
  const blue = { create: { width: 150, height: 100, channels: 3, background: "rgb(40,40,200)" } } as const;
  const file = await sharp({ create: { width: 300, height: 100, channels: 3, background: "red" } })
    .composite([{ input: blue, left: 75, top: 0 }])
    .png()
    .toBuffer();
  const options = { image, preparation: "photo", mean, std, classes } as const;
  const [prediction] = await predictPictures(net, [await decodeImage(file)], options);
  assert.equal(prediction!.top.name, "blue");
  const { testAccuracy } = await evaluate(net, new DataIterator(data.test, { batchSize: 7, mean, std }));
  assert.equal(testAccuracy, 1);
});

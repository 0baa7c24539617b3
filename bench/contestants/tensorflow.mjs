// TensorFlow.js: --backend cpu|wasm --task forward|train --images FILE --batch N
import * as tf from "@tensorflow/tfjs";
import { enlargedImages, readImages, readOptions, serve, timed } from "./protocol.mjs";

const { backend, task, batch, images: file } = readOptions();
if (backend === "wasm") {
  const { createRequire } = await import("node:module");
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  const folder = createRequire(import.meta.url)
    .resolve("@tensorflow/tfjs-backend-wasm")
    .replace(/[^/]*$/, "");
  setWasmPaths(folder);
}
await tf.setBackend(backend);
await tf.ready();

const block = (filters, kernelSize, strides, padding) =>
  [kernelSize, 1, 1].map((size, i) =>
    tf.layers.conv2d({
      filters,
      kernelSize: size,
      strides: i === 0 ? strides : 1,
      padding: i === 0 ? padding : "valid",
      activation: "relu",
    }),
  );
const pool = () => tf.layers.maxPooling2d({ poolSize: 3, strides: 2 });
const input = tf.input({ shape: [224, 224, 1] });
const layers = [
  ...block(96, 11, 4, "valid"),
  pool(),
  ...block(256, 5, 1, "same"),
  pool(),
  ...block(384, 3, 1, "same"),
  pool(),
  tf.layers.dropout({ rate: 0.5 }),
  ...block(10, 3, 1, "same"),
  tf.layers.globalAveragePooling2d({}),
];
const model = tf.model({ inputs: input, outputs: layers.reduce((x, layer) => layer.apply(x), input) });
const images = tf.tensor(enlargedImages(file, batch), [batch, 224, 224, 1]);
const labels = tf.oneHot(tf.tensor1d(readImages(file, batch).labels, "int32"), 10);
const optimizer = tf.train.sgd(0.1);

async function forward() {
  const scores = model.predict(images, { batchSize: batch });
  await scores.data();
  scores.dispose();
}
async function train() {
  const loss = optimizer.minimize(
    () => tf.losses.softmaxCrossEntropy(labels, model.apply(images, { training: true })),
    true,
  );
  await loss.data();
  loss.dispose();
}

await serve(`TensorFlow.js ${tf.version.tfjs}, ${backend}`, () =>
  timed(batch, task === "train" ? train : forward),
);

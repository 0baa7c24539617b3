// ONNX Runtime on the CPU: --batch N --threads N --model FILE
import ort from "onnxruntime-node";
import { readOptions, serve, timed } from "./protocol.mjs";

const { batch, threads, model } = readOptions();
const session = await ort.InferenceSession.create(String(model), {
  executionProviders: ["cpu"],
  intraOpNumThreads: threads,
});
const pixels = Float32Array.from({ length: batch * 224 * 224 }, (_, i) => ((i * 7919) % 256) / 255);
const images = new ort.Tensor("float32", pixels, [batch, 1, 224, 224]);
const version = ort.env.versions.node;

await serve(async () => ({
  ...(await timed(batch, () => session.run({ images }))),
  device: `onnxruntime-node ${version}`,
}));

// ONNX Runtime on the CPU: --model FILE --images FILE --batch N --threads N
import ort from "onnxruntime-node";
import { enlargedImages, readOptions, serve, timed } from "./protocol.mjs";

const { batch, threads, model, images } = readOptions();
const session = await ort.InferenceSession.create(model, {
  executionProviders: ["cpu"],
  intraOpNumThreads: threads,
});
const input = new ort.Tensor("float32", enlargedImages(images, batch), [batch, 1, 224, 224]);

await serve(`onnxruntime-node ${ort.env.versions.node}`, () =>
  timed(batch, () => session.run({ images: input })),
);

// ONNX Runtime on the CPU: --model FILE --images FILE --batch N --threads N [--resize 224]
import ort from "onnxruntime-node";
import { enlargedImages, readOptions, serve, timed } from "./protocol.mjs";

const { batch, threads, model, images, resize = 224 } = readOptions();
const session = await ort.InferenceSession.create(model, {
  executionProviders: ["cpu"],
  intraOpNumThreads: threads,
});
const input = new ort.Tensor("float32", enlargedImages(images, batch, resize), [batch, 1, resize, resize]);

await serve(`onnxruntime-node ${ort.env.versions.node}`, () =>
  timed(batch, () => session.run({ images: input })),
);

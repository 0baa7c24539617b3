/** Network in Network in TypeScript: define it, train it, look inside it, use it. */
export * from "./browser.ts";
export { getMnistData } from "./data/get-mnist-data.ts";
export { loadDataset } from "./data/load-dataset.ts";
export { type DecodeOptions, decodeImage } from "./explain/decode-node.ts";
export { drawingToPng } from "./explain/png-node.ts";
export { loadWeights } from "./interop/load-weights-node.ts";

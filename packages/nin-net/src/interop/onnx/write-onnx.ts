import { create, toBinary } from "@bufbuild/protobuf";
import { NinError } from "../../core/errors.ts";
import type { Layer } from "../../nn/layer.ts";
import { addLayer } from "./layer-nodes.ts";
import { ModelProtoSchema } from "./onnx_pb.ts";
import { OnnxGraph, type OnnxValue } from "./onnx-graph.ts";

export interface OnnxOptions {
  /** Of one image, [C, H, W], as the network takes it. */
  readonly imageShape: readonly [channels: number, height: number, width: number];
  /**
   * Makes the model take stored grey images, bytes [N, height, width], and prepare them itself: divide by 255,
   * resize. Without it the model takes what the network takes.
   */
  readonly storedImage?: { readonly height: number; readonly width: number } | undefined;
  /** Text by name, kept with the model. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Version of this package. */
  readonly producerVersion?: string | undefined;
}

/** Operators as of ONNX 1.12; newer readers know them too. */
const opset = 17n;
const irVersion = 8n;

/** The number of images may vary from call to call. */
const batch = "batch";

/**
 * A network as an ONNX model that works in evaluation mode, under the weights' PyTorch names.
 *
 * It takes `images`, float32 [batch, C, H, W], or with `storedImage` `pixels`, uint8 [batch, height, width], and
 * gives `logits`, float32 [batch, classes].
 *
 * @returns the bytes of an .onnx file
 * @throws ShapeError if the network cannot take such images; NinError if ONNX has no op for one of its layers
 * @see https://github.com/onnx/onnx/blob/main/docs/IR.md
 */
export function writeOnnx(net: Layer, options: OnnxOptions): Uint8Array {
  const { imageShape, storedImage, metadata = {}, producerVersion = "" } = options;
  const shape = [1, ...imageShape];
  const [, ...resultShape] = net.outputShape(shape);
  const names = new Map(net.namedState().map(([name, values]) => [values, name]));
  const graph = new OnnxGraph();

  const images: OnnxValue = { name: "images", shape: [batch, ...imageShape], type: "float" };
  const source: OnnxValue =
    storedImage === undefined
      ? images
      : { name: "pixels", shape: [batch, storedImage.height, storedImage.width], type: "uint8" };
  const prepared = storedImage === undefined ? images.name : addPreparation(graph, storedImage, imageShape);
  const last = addLayer(net, prepared, shape, { graph, names, place: { root: net.kind, path: "" } });
  if (last === prepared) graph.add("Identity", net.kind, [last]); // an output may not be an input
  const logits: OnnxValue = {
    name: graph.renameResult("logits"),
    shape: [batch, ...resultShape],
    type: "float",
  };

  const model = create(ModelProtoSchema, {
    irVersion,
    opsetImport: [{ domain: "", version: opset }],
    producerName: "nin-net",
    producerVersion,
    graph: graph.finish(net.kind, [source], [logits]),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}

/** uint8 [N, H, W] -> float32 [N, 1, height, width] as the training data are prepared: 0..1, bilinear. */
function addPreparation(
  graph: OnnxGraph,
  stored: { readonly height: number; readonly width: number },
  [channels, height, width]: OnnxOptions["imageShape"],
): string {
  if (channels !== 1) {
    throw new NinError(
      `writeOnnx: got a network of ${channels} channels, expected 1 for stored grey images. Leave storedImage out.`,
    );
  }
  const floats = graph.add("Cast", "prepare.Cast", ["pixels"], { to: graph.floatType });
  const most = graph.floats("prepare.255", [], Float32Array.of(255));
  const shares = graph.add("Div", "prepare.Div", [floats, most]);
  const axes = graph.integers("prepare.channelAxis", [1]);
  const images = graph.add("Unsqueeze", "prepare.Unsqueeze", [shares, axes]); // [N, 1, H, W]
  if (stored.height === height && stored.width === width) return images;

  // The size has the batch in it, which is known only at run time.
  const shape = graph.add("Shape", "prepare.Shape", [images], { start: 0, end: 2 });
  const pixels = graph.integers("prepare.size", [height, width]);
  const size = graph.add("Concat", "prepare.Concat", [shape, pixels], { axis: 0 });
  return graph.add("Resize", "prepare.Resize", [images, "", "", size], {
    mode: "linear",
    coordinate_transformation_mode: "half_pixel",
  });
}

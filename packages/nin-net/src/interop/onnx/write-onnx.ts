import { create, toBinary } from "@bufbuild/protobuf";
import type { ImageSpec } from "../../core/image-spec.ts";
import {
  affineOf,
  type PreprocessingOptions,
  preprocessedShape,
  preprocessingOf,
} from "../../core/preprocessing.ts";
import type { Layer } from "../../nn/layer.ts";
import { addLayer } from "./layer-nodes.ts";
import { ModelProtoSchema } from "./onnx_pb.ts";
import { OnnxGraph, type OnnxValue } from "./onnx-graph.ts";

/** What every model takes. */
interface CommonOptions {
  /** Text by name, kept with the model. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Version of this package. */
  readonly producerVersion?: string | undefined;
}

/** Images as a data set stores them, and how the network sees them. */
export interface OnnxPreprocessing {
  /** What images are, as stored: channels, and height and width in pixels. */
  readonly image: Pick<ImageSpec, "channels" | "height" | "width">;
  /** Becomes part of the model. */
  readonly preprocessing: PreprocessingOptions;
  /** Of the model's input, with levels of 0 to 255 in either; default `uint8`. */
  readonly type?: "uint8" | "float" | undefined;
}

/** What the model takes: images as the network sees them, or as stored. */
export type OnnxOptions = CommonOptions &
  (
    | {
        /** Of one image, [C, H, W], as the network takes it. */
        readonly imageShape: readonly [channels: number, height: number, width: number];
        /** Left out: the model takes images as the network sees them. */
        readonly preprocess?: undefined;
      }
    | {
        /** Left out: the size follows from `preprocess`. */
        readonly imageShape?: undefined;
        /** Makes the model take stored images and preprocess them itself. */
        readonly preprocess: OnnxPreprocessing;
      }
  );

/** Operators as of ONNX 1.8: older readers know them, and newer ones too. */
const opset = 13n;
const irVersion = 7n;

/** The number of images may vary from call to call. */
const batch = "batch";

/**
 * A network as an ONNX model that works in evaluation mode, under the weights' PyTorch names.
 *
 * It takes `images`, float32 [batch, C, H, W], or with `preprocess` `pixels`, uint8 [batch, H, W] of grey images and
 * [batch, H, W, 3] of coloured ones, and gives `logits`, float32 [batch, classes].
 *
 * @returns the bytes of an .onnx file
 * @throws ShapeError if the network cannot take such images; NinError if ONNX has no op for one of its layers
 * @see https://github.com/onnx/onnx/blob/main/docs/IR.md
 */
export function writeOnnx(net: Layer, options: OnnxOptions): Uint8Array {
  const { preprocess, metadata = {}, producerVersion = "" } = options;
  const imageShape = preprocess
    ? preprocessedShape(
        preprocess.image,
        preprocessingOf("writeOnnx", preprocess.preprocessing, preprocess.image),
      )
    : options.imageShape;
  const shape = [1, ...imageShape];
  const [, ...resultShape] = net.outputShape(shape);
  const names = new Map(net.namedState().map(([name, values]) => [values, name]));
  const graph = new OnnxGraph();

  const source: OnnxValue = preprocess
    ? storedImages(preprocess)
    : { name: "images", shape: [batch, ...imageShape], type: "float" };
  const images = preprocess ? addPreprocessing(graph, source, preprocess) : source.name;
  const last = addLayer(net, images, shape, { graph, names, place: { root: net.kind, path: "" } });
  if (last === images) graph.add("Identity", net.kind, [last]); // an output may not be an input
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

function storedImages({ image, type = "uint8" }: OnnxPreprocessing): OnnxValue {
  const { channels, height, width } = image;
  return { name: "pixels", shape: [batch, height, width, ...(channels === 1 ? [] : [channels])], type };
}

/**
 * Levels of 0 to 255, [N, H, W] or [N, H, W, C] -> float32 [N, C, height, width] as the network sees them. As in
 * training, normalisation comes before the resize, with which it commutes.
 */
function addPreprocessing(graph: OnnxGraph, source: OnnxValue, preprocess: OnnxPreprocessing): string {
  const { image, type = "uint8" } = preprocess;
  const { channels } = image;
  const preprocessing = preprocessingOf("writeOnnx", preprocess.preprocessing, image);
  const floats =
    type === "float"
      ? source.name
      : graph.add("Cast", "prepare.Cast", [source.name], { to: graph.floatType });
  const most = graph.floats("prepare.255", [], Float32Array.of(255));
  const shares = graph.add("Div", "prepare.Div", [floats, most]);
  let x =
    channels === 1
      ? // 0 keeps the number of images. Not Unsqueeze, after which OpenCV 4 takes one image at a time only.
        graph.add("Reshape", "prepare.Reshape", [
          shares,
          graph.integers("prepare.shape", [0, 1, image.height, image.width]),
        ])
      : graph.add("Transpose", "prepare.Transpose", [shares], { perm: [0, 3, 1, 2] }); // [N, C, H, W]
  const affine = affineOf(preprocessing);
  if (affine !== null) {
    const perChannel = (name: string, values: readonly number[]) =>
      graph.floats(name, [1, channels, 1, 1], Float32Array.from(values));
    x = graph.add("Mul", "prepare.Mul", [x, perChannel("prepare.scale", affine.scale)]);
    x = graph.add("Add", "prepare.Add", [x, perChannel("prepare.shift", affine.shift)]);
  }
  return addResize(
    graph,
    x,
    [image.height, image.width],
    preprocessing.resize ?? [image.height, image.width],
  );
}

/** [N, C, H, W] -> [N, C, height, width], bilinear with half-pixel centres. */
function addResize(
  graph: OnnxGraph,
  images: string,
  from: readonly [height: number, width: number],
  to: readonly [height: number, width: number],
): string {
  if (from[0] === to[0] && from[1] === to[1]) return images;
  const attributes = { mode: "linear", coordinate_transformation_mode: "half_pixel" };
  const height = exactScale(from[0], to[0]);
  const width = exactScale(from[1], to[1]);
  if (height !== undefined && width !== undefined) {
    // Constants are read more widely than a computed size.
    const scales = graph.floats("prepare.scales", [4], Float32Array.of(1, 1, height, width));
    return graph.add("Resize", "prepare.Resize", [images, "", scales], attributes);
  }
  // The size has the batch in it, which is known only at run time.
  const shape = graph.add("Shape", "prepare.Shape", [images]);
  const ends = [graph.integers("prepare.first", [0]), graph.integers("prepare.end", [2])];
  const before = graph.add("Slice", "prepare.Slice", [shape, ...ends]);
  const pixels = graph.integers("prepare.size", to);
  const size = graph.add("Concat", "prepare.Concat", [before, pixels], { axis: 0 });
  return graph.add("Resize", "prepare.Resize", [images, "", "", size], attributes);
}

/**
 * The float32 by which one length becomes another for every reader: they multiply, some in float32 and some in float64,
 * and round down. Undefined where one of them would lose a pixel.
 */
function exactScale(from: number, to: number): number | undefined {
  const scale = Math.fround(to / from);
  const lengths = [from * scale, Math.fround(from * scale)];
  return lengths.every((length) => Math.floor(length) === to) ? scale : undefined;
}

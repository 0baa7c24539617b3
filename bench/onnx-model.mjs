// The tutorial's network as an ONNX file, forward only, with random weights: what ONNX Runtime is timed with.
// An ONNX file is a protobuf message; field numbers are those of onnx.proto.
// See https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and its operators Conv, Relu, MaxPool and so on.

const varint = (value) => {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
};
/** A field that holds an integer. */
const integer = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
/** A field that holds bytes, a text or a message (the fields of which are given). */
const block = (field, ...content) => {
  const bytes = Buffer.concat(content.map((part) => Buffer.from(part)));
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
};

const floatType = 1; // TensorProto.DataType.FLOAT
const intsAttribute = 7; // AttributeProto.AttributeType.INTS
const opsetVersion = 13;
const irVersion = 7;

const attribute = (name, values) =>
  block(5, block(1, name), ...values.map((value) => integer(8, value)), integer(20, intsAttribute));
const node = (op, inputs, output, attributes = {}) =>
  block(
    1,
    ...inputs.map((name) => block(1, name)),
    block(2, output),
    block(4, op),
    ...Object.entries(attributes).map(([name, values]) => attribute(name, values)),
  );
const tensor = (name, shape, data) =>
  block(
    5,
    ...shape.map((length) => integer(1, length)),
    integer(2, floatType),
    block(8, name),
    block(9, new Uint8Array(data.buffer)),
  );
/** An input or output; a length of null is the batch's, which may vary. */
const value = (field, name, shape) => {
  const dimensions = shape.map((length) =>
    block(1, length === null ? block(2, "batch") : integer(1, length)),
  );
  return block(field, block(1, name), block(2, block(1, integer(1, floatType), block(2, ...dimensions))));
};

/** @returns the file: images [batch, 1, 224, 224] -> scores [batch, 10] */
export function onnxModel() {
  const nodes = [];
  const weights = [];
  let last = "images";
  const then = (op, inputs, attributes) => {
    const output = `value${nodes.length}`;
    nodes.push(node(op, [last, ...inputs], output, attributes));
    last = output;
  };
  const convolution = (cin, cout, kernel, stride, padding) => {
    const name = `layer${weights.length}`;
    const bound = Math.sqrt(6 / ((cin + cout) * kernel * kernel)); // Xavier
    const random = (length) => Float32Array.from({ length }, () => bound * (2 * Math.random() - 1));
    weights.push(tensor(`${name}.weight`, [cout, cin, kernel, kernel], random(cout * cin * kernel * kernel)));
    weights.push(tensor(`${name}.bias`, [cout], random(cout)));
    then("Conv", [`${name}.weight`, `${name}.bias`], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    });
    then("Relu", []);
  };
  const ninBlock = (cin, cout, kernel, stride, padding) => {
    convolution(cin, cout, kernel, stride, padding);
    convolution(cout, cout, 1, 1, 0);
    convolution(cout, cout, 1, 1, 0);
  };
  const pool = () => then("MaxPool", [], { kernel_shape: [3, 3], strides: [2, 2] });

  ninBlock(1, 96, 11, 4, 0);
  pool();
  ninBlock(96, 256, 5, 1, 2);
  pool();
  ninBlock(256, 384, 3, 1, 1);
  pool();
  ninBlock(384, 10, 3, 1, 1);
  then("GlobalAveragePool", []);
  then("Flatten", []);
  const graph = block(
    7,
    ...nodes,
    block(2, "nin"),
    ...weights,
    value(11, "images", [null, 1, 224, 224]),
    value(12, last, [null, 10]),
  );
  return Buffer.concat([integer(1, irVersion), graph, block(8, integer(2, opsetVersion))]);
}

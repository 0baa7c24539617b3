import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { floatBytes } from "../float-bytes.ts";
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type GraphProto,
  GraphProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from "./onnx_pb.ts";

/** A whole number, whole numbers, a word or a float. */
type Attribute = number | readonly number[] | string | { readonly float: number };

/** Length of an axis; a word where it may vary. */
type Length = number | string;

/** A named value of the graph. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly Length[];
  readonly type: "float" | "uint8";
}

const dataTypes = { float: DataType.FLOAT, uint8: DataType.UINT8 } as const;

/** An ONNX graph in the making. */
export class OnnxGraph {
  /** What the attribute `to` of a Cast to float32 says. */
  readonly floatType = DataType.FLOAT;
  readonly #nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  readonly #constants = new Map<string, MessageInitShape<typeof TensorProtoSchema>>();

  /**
   * Adds a node.
   *
   * @param name - of the node; its result is named after it
   * @param inputs - names of values
   * @returns the result's name
   */
  add(
    op: string,
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const output = `${name}.output`;
    this.#nodes.push({
      opType: op,
      name,
      input: [...inputs],
      output: [output],
      attribute: Object.entries(attributes).map(([key, value]) => ({ name: key, ...encoded(value) })),
    });
    return output;
  }

  /** Adds fixed float32 values, once for a name. */
  floats(name: string, shape: readonly number[], values: Float32Array): string {
    return this.#constant(name, shape, DataType.FLOAT, floatBytes(values));
  }

  /** Adds a list of fixed whole numbers, once for a name. */
  integers(name: string, values: readonly number[]): string {
    const bytes = new Uint8Array(values.length * BigInt64Array.BYTES_PER_ELEMENT);
    const view = new DataView(bytes.buffer);
    for (const [i, value] of values.entries()) {
      view.setBigInt64(i * BigInt64Array.BYTES_PER_ELEMENT, BigInt(value), true);
    }
    return this.#constant(name, [values.length], DataType.INT64, bytes);
  }

  #constant(name: string, shape: readonly number[], dataType: DataType, rawData: Uint8Array): string {
    if (!this.#constants.has(name)) {
      this.#constants.set(name, { name, dims: shape.map(BigInt), dataType, rawData });
    }
    return name;
  }

  /** Gives the result of the last node another name. */
  renameResult(name: string): string {
    this.#nodes.at(-1)!.output = [name];
    return name;
  }

  /** The graph with its inputs and outputs. */
  finish(name: string, inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): GraphProto {
    return create(GraphProtoSchema, {
      name,
      node: this.#nodes,
      initializer: [...this.#constants.values()],
      input: inputs.map(described),
      output: outputs.map(described),
    });
  }
}

function encoded(value: Attribute) {
  if (typeof value === "number") return { type: AttributeType.INT, i: BigInt(value) };
  if (typeof value === "string") return { type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if ("float" in value) return { type: AttributeType.FLOAT, f: value.float };
  return { type: AttributeType.INTS, ints: value.map(BigInt) };
}

function described({ name, shape, type }: OnnxValue): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((length) => ({
    value:
      typeof length === "number"
        ? { case: "dimValue" as const, value: BigInt(length) }
        : { case: "dimParam" as const, value: length },
  }));
  return {
    name,
    type: { value: { case: "tensorType", value: { elemType: dataTypes[type], shape: { dim } } } },
  };
}

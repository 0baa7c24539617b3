/**
 * An op is defined in one file: its shape rule, its meaning (plain loops in float64), its gradient (as other
 * ops) and its cost. Nothing about an op's meaning stands anywhere else; backends only make it fast.
 */
import {
  bytesPerElement,
  inputsOf,
  type Node,
  type OpNode,
  type Phase,
  sizeOf,
  type TensorType,
} from "./node.ts";

/** A tensor as the reference sees it: values in float64 (bytes and counters too). */
export interface ReferenceTensor {
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float64Array;
}

/** What an op takes to compute. */
export interface Cost {
  /** Floating point operations; a multiply-add counts as two. */
  readonly flops: number;
}

/** What the gradient rule of an op is given. */
export interface GradientContext<Inputs extends readonly Node[], Attrs> {
  /** The node itself: its value y. */
  readonly y: OpNode;
  /** The nodes that the op was applied to. */
  readonly inputs: Inputs;
  /** The op's attributes. */
  readonly attrs: Attrs;
  /** The loss's gradient with respect to y; same shape as y. */
  readonly dy: Node;
}

/** Everything that an op means: shapes, values, gradients, cost and what passes may do with it. */
export interface OpDefinition<Inputs extends readonly Node[], Attrs extends object> {
  /** Shape rule. Throws a ShapeError for shapes the op cannot take. */
  readonly infer: (types: TypesOf<Inputs>, attrs: Attrs) => TensorType;
  /** Plain loops, for reading: the oracle that every backend is tested against. */
  readonly reference: (inputs: ReferencesOf<Inputs>, attrs: Attrs, shape: readonly number[]) => Float64Array;
  /**
   * The gradients with respect to the inputs, as thunks so that only those needed are built; null where there
   * is none (labels, positions). Without this rule the op cannot be differentiated.
   */
  readonly gradient?: (context: GradientContext<Inputs, Attrs>) => {
    readonly [I in keyof Inputs]: (() => Node) | null;
  };
  /** Default: one operation an output element. */
  readonly cost?: (types: TypesOf<Inputs>, attrs: Attrs, y: TensorType) => Cost;
  /** f(a x + b y) = a f(x) + b f(y) in the first input: a sum over slices may be taken before or after it. */
  readonly linear?: boolean;
  /** Says that the op is a convolution or one of its gradients, and by which window: what rewriting passes ask. */
  readonly convolution?: (node: { readonly inputs: Inputs; readonly attrs: Attrs }) => Convolution;
  /** Says that the op enlarges images bilinearly, and how often (undefined if not by a whole number on both axes). */
  readonly enlargement?: (small: readonly number[], large: readonly number[]) => number | undefined;
  /** Works element by element on its first input, so it can run in the epilogue of the op before it. */
  readonly elementwise?: boolean;
  /** Its kernel can end with elementwise ops before it stores its result. */
  readonly acceptsEpilogue?: boolean;
  /** Adds up the images of a slice: its result does not count them. */
  readonly sumsImages?: boolean;
  /** Adds its input over the slices of a batch: what depends on it belongs to phase `finish`. */
  readonly sumsSlices?: boolean;
  /** Its result has the bytes of its first input: a backend may let both share memory. */
  readonly isView?: boolean;
}

/** A convolution y = x * w as passes see it. */
export interface Convolution {
  /** `forward`: (x, w) -> y; `inputGradient`: (dy, w) -> dx; `weightGradient`: (x, dy) -> dw */
  readonly role: "forward" | "inputGradient" | "weightGradient";
  /** Height and width of the kernel. */
  readonly kernel: number;
  /** Pixels between neighbouring windows. */
  readonly stride: number;
  /** Zeros added on each side. */
  readonly padding: number;
}

/** The types of an op's inputs, one by one. */
export type TypesOf<Inputs extends readonly Node[]> = { readonly [I in keyof Inputs]: TensorType };
/** The values of an op's inputs for its reference, one by one. */
export type ReferencesOf<Inputs extends readonly Node[]> = { readonly [I in keyof Inputs]: ReferenceTensor };

/** `[...inputs]`, and the attributes last where the op has any. */
type Arguments<Inputs extends readonly Node[], Attrs extends object> = keyof Attrs extends never
  ? [...inputs: Inputs]
  : [...inputs: Inputs, attrs: Attrs];

/** An op: call it on nodes to get the node of its result. */
export interface Op<Inputs extends readonly Node[], Attrs extends object>
  extends OpDefinition<Inputs, Attrs> {
  (...args: Arguments<Inputs, Attrs>): OpNode;
  /** The name under which backends list its kernels. */
  readonly opName: string;
}

/** An op of any inputs and attributes, as shared code sees it. */
// biome-ignore lint/suspicious/noExplicitAny: the variance of inputs and attributes cannot be expressed otherwise
export type AnyOp = Op<any, any>;

export type AttrsOf<O> = O extends Op<infer _Inputs, infer Attrs> ? Attrs : never;

/** No attributes. */
export type NoAttrs = Record<never, never>;

/**
 * Defines an op.
 *
 * @param name - the key under which `ops.ts` lists it
 */
export function defineOp<Inputs extends readonly Node[], Attrs extends object = NoAttrs>(
  name: string,
  definition: OpDefinition<Inputs, Attrs>,
): Op<Inputs, Attrs> {
  const build = (...args: readonly unknown[]): OpNode => {
    const attrs = isNode(args.at(-1)) ? {} : (args.at(-1) as Attrs);
    const inputs = (isNode(args.at(-1)) ? args : args.slice(0, -1)) as unknown as Inputs;
    return makeNode(op as unknown as AnyOp, inputs, attrs);
  };
  const op = Object.assign(build, definition, { opName: name }) as Op<Inputs, Attrs>;
  return op;
}

/** Builds the node of an op's result; passes use it to build a node like another one. */
export function makeNode(op: AnyOp, inputs: readonly Node[], attrs: object): OpNode {
  const type = op.infer(inputs.map((node) => node.type) as never, attrs as never);
  return { kind: "op", op, inputs, attrs, epilogue: [], type, phase: phaseOf(op, inputs) };
}

const phaseOrder: readonly Phase[] = ["step", "slice", "finish"];

/** The latest phase of the inputs; a sum over slices is complete only after the last slice. */
export function phaseOf(op: AnyOp, inputs: readonly Node[]): Phase {
  if (op.sumsSlices) return "finish";
  return inputs.reduce<Phase>(
    (latest, node) => (phaseOrder.indexOf(node.phase) > phaseOrder.indexOf(latest) ? node.phase : latest),
    "step",
  );
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "kind" in value && "phase" in value;
}

/** What a node costs to compute. */
export interface NodeCost extends Cost {
  /** Memory traffic: every input read once and the result written once. */
  readonly bytes: number;
}

/** The cost of a node, its epilogue included. */
export function costOf(node: OpNode): NodeCost {
  const types = node.inputs.map((input) => input.type);
  const own = node.op.cost?.(types as never, node.attrs as never, node.type);
  const elements = sizeOf(node.type.shape);
  return {
    flops: (own?.flops ?? elements) + node.epilogue.length * elements,
    bytes: [node, ...inputsOf(node)].reduce((sum, { type }) => sum + bytesOf(type), 0),
  };
}

function bytesOf({ shape, dtype }: TensorType): number {
  return sizeOf(shape) * bytesPerElement[dtype];
}

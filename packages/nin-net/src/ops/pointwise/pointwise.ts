import { formatShape, NinError, ShapeError } from "../../core/errors.ts";
import { type Node, type OpNode, sizeOf, type TensorType } from "../../graph/node.ts";
import { defineOp, type Op } from "../../graph/op.ts";
import { sumPixels } from "../add-bias.ts";
import { floats } from "../check.ts";
import { sumAll } from "../sum-all.ts";
import {
  derivatives,
  Expression,
  evaluateExpression,
  expressionOf,
  type Instruction,
  instructionsOf,
} from "./expression.ts";

export interface PointwiseAttrs {
  /** For messages. */
  readonly name: string;
  readonly instructions: readonly Instruction[];
  /** Inputs that the gradient takes for constants. */
  readonly constant?: readonly number[] | undefined;
}

type PointwiseInputs = readonly [x: Node, ...others: Node[]];

/** How an input is laid over the result: element by element, one number for all, or one number a channel. */
export type Broadcast = "none" | "scalar" | "channels";

/**
 * An expression, element by element; {@link definePointwise} makes functions that build it.
 *
 * x [..., C], others each [..., C], [1] or [C] -> y [..., C]
 *
 * @throws ShapeError if an input is of another shape
 */
export const pointwise: Op<PointwiseInputs, PointwiseAttrs> = defineOp("pointwise", {
  infer: (types, { name }) => {
    const [x, ...others] = types as readonly [TensorType, ...TensorType[]];
    floats(name, x, ...others);
    for (const other of others) broadcastOf(name, other.shape, x.shape);
    return x;
  },

  reference: (inputs, { name, instructions }, shape) => {
    const size = sizeOf(shape);
    const strides = inputs.map((input) =>
      broadcastOf(name, input.shape, shape) === "none" ? size : input.data.length,
    );
    const y = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      y[i] = evaluateExpression(instructions, (index) => inputs[index]!.data[i % strides[index]!]!);
    }
    return y;
  },

  gradient: ({ y, inputs, attrs: { name, instructions, constant = [] }, dy }) => {
    const found = derivatives(instructions, inputs.length);
    return inputs.map((x, i) => {
      const derivative = constant.includes(i) ? null : (found[i] ?? null);
      if (derivative === null) return null;
      return () => {
        const dx = derived(`${name} gradient`, derivative, instructions, inputs, dy, y);
        // One number for all images is one even where a slice has one image.
        const forAll = x.type.shape.join() === "1" && x.phase !== y.phase;
        const broadcast = forAll ? "scalar" : broadcastOf(name, x.type.shape, y.type.shape);
        if (broadcast === "none") return dx;
        return broadcast === "scalar" ? sumAll(dx) : sumPixels(dx);
      };
    }) as never;
  },

  cost: (_types, { instructions }, y) => ({
    flops: sizeOf(y.shape) * instructions.filter(({ op }) => op !== "input" && op !== "constant").length,
  }),
  elementwise: true,
});

/**
 * @throws ShapeError naming `op` if an input is neither of the result's shape nor [1] nor [C]
 */
export function broadcastOf(op: string, input: readonly number[], result: readonly number[]): Broadcast {
  if (formatShape(input) === formatShape(result)) return "none";
  if (input.length === 1 && input[0] === 1) return "scalar";
  if (input.length === 1 && input[0] === result.at(-1)) return "channels";
  throw new ShapeError(op, {
    got: input,
    want:
      result.length === 1
        ? `${formatShape(result)} or [1]`
        : `${formatShape(result)}, [${result.at(-1)}] or [1]`,
    fix: "Give inputs of the first one's shape, one number a channel or one number.",
  });
}

/**
 * Makes an op of an expression: an activation, a loss, an optimiser's update. Its gradient is derived from the
 * expression, and it runs on every backend.
 *
 *     const softsign = definePointwise("softsign", (x) => x.div(x.abs().add(1)));
 *     const y = softsign(x);
 *
 * The result has the shape of the first input, [..., C]; the others have that shape, or are [C], one number a channel,
 * or [1], one number for all.
 *
 * @param name - for messages
 * @param build - makes the expression from one expression for each input
 * @param constant - positions of inputs to which no gradient flows, as `tensor.detach()` in PyTorch
 * @throws NinError if the result is one of the inputs or a constant, or an input is not used, or there are more than 6
 */
export function definePointwise<const X extends readonly [Expression, ...Expression[]]>(
  name: string,
  build: (...x: X) => Expression,
  { constant }: { readonly constant?: readonly number[] } = {},
): (...inputs: { readonly [I in keyof X]: Node }) => OpNode {
  const root = build(
    ...(Array.from({ length: build.length }, (_, i) => Expression.input(i)) as unknown as X),
  );
  if (root.kind === "input" || root.kind === "constant") {
    throw new NinError(
      `${name}: got ${root.kind === "input" ? "an input" : "a constant"} as the result, expected a computation. ` +
        "Compute the result from the inputs.",
    );
  }
  const instructions = instructionsOf(root);
  const used = usedInputs(instructions);
  for (let index = 0; index < build.length; index++) {
    if (used.includes(index)) continue;
    throw new NinError(
      `${name}: got ${build.length} inputs, but the result does not depend on input ${index}. Leave it out.`,
    );
  }
  if (build.length > mostInputs) {
    throw new NinError(
      `${name}: got ${build.length} inputs, expected at most ${mostInputs}, what a kernel of WebGPU can read. Split the op in two.`,
    );
  }
  const attrs = { name, instructions, ...(constant && { constant }) };
  return (...inputs) => pointwise(...(inputs as unknown as PointwiseInputs), attrs);
}

/** WebGPU promises eight buffers: the result's, the inputs', and one more in the gradient, for dy or for y. */
export const mostInputs = 6;

/**
 * The node of a derivative.
 *
 * @param derivative - of the inputs, then dy, then y
 * @param instructions - those of y, which is computed again where a kernel cannot read y besides dy and the inputs
 */
function derived(
  name: string,
  derivative: Expression,
  instructions: readonly Instruction[],
  inputs: readonly Node[],
  dy: Node,
  y: Node,
): Node {
  const nodes = [...inputs, dy, y];
  if (derivative.kind === "input") return nodes[derivative.value]!;
  const [atDy, atY] = [inputs.length, inputs.length + 1];
  const recomputed = () =>
    expressionOf(instructionsOf(derivative), (index) =>
      index === atY ? expressionOf(instructions, Expression.input) : Expression.input(index),
    );
  const readsTooMuch = usedInputs(instructionsOf(derivative)).length > mostInputs + 1;
  const all = instructionsOf(readsTooMuch ? recomputed() : derivative);
  // dy is of the result's shape, which is that of the first.
  const order = [atDy, ...usedInputs(all).filter((index) => index !== atDy)];
  const given = all.map((each) =>
    each.op === "input" ? { ...each, index: order.indexOf(each.index) } : each,
  );
  const [first, ...others] = order.map((index) => nodes[index]!) as [Node, ...Node[]];
  return pointwise(first, ...others, { name, instructions: given });
}

function usedInputs(instructions: readonly Instruction[]): number[] {
  return [...new Set(instructions.flatMap((each) => (each.op === "input" ? [each.index] : [])))];
}

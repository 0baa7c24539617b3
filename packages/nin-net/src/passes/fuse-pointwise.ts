/**
 * Joins ops that work number by number into one expression, and sums over pixels with what they add up: a pass over
 * memory for each becomes one for all. The arithmetic is the same, number by number and in the same order.
 *
 * A value that others read too is computed again by each of them where that reads no more memory than the value would:
 * where it is made of one tensor and numbers (one a channel, or one for all) by a step or two.
 */
import { type Graph, type Node, type OpNode, rootsOf, topologicalOrder } from "../graph/node.ts";
import { type AnyOp, makeNode } from "../graph/op.ts";
import { countUses, rewriteGraph } from "../graph/rewrite.ts";
import { add } from "../ops/add.ts";
import { addBias, sumPixels } from "../ops/add-bias.ts";
import { expand } from "../ops/expand.ts";
import { mul } from "../ops/mul.ts";
import { Expression, expressionOf, type Instruction, instructionsOf } from "../ops/pointwise/expression.ts";
import { broadcastOf, mostInputs, type PointwiseAttrs, pointwise } from "../ops/pointwise/pointwise.ts";
import { scalarOps } from "../ops/pointwise/scalar-ops.ts";
import { sumPointwise } from "../ops/pointwise/sum-pointwise.ts";
import { relu, reluGrad } from "../ops/relu.ts";
import { scaleBy } from "../ops/scale-by.ts";
import { scaleChannels } from "../ops/scale-channels.ts";

/** Longer expressions are not joined: their parts would no longer fit into the first cache. */
const mostOperations = 24;
/** A value of so many operations is rather computed again than stored. */
const cheapOperations = 2;

const [x, other] = [Expression.input(0), Expression.input(1)];

/** What ops with kernels of their own do with the numbers of their inputs. A NaN stays one in `relu`. */
const expressions = new Map<AnyOp, Expression>([
  [add, x.add(other)],
  [mul, x.mul(other)],
  [addBias, x.add(other)],
  [scaleBy, x.mul(other)],
  [scaleChannels, x.mul(other)],
  [expand, x],
  [relu, x.less(0).where(0, x)],
  [reluGrad, other.greater(0).where(x, 0)],
]);

/** A node's value as an expression of others. */
interface Formula {
  readonly inputs: readonly Node[];
  readonly instructions: readonly Instruction[];
}

export function fusePointwise(graph: Graph): Graph {
  const fused = fuse(graph, expressions);
  // What `expand` is shaped like may be the only use of an input, which callers give all the same.
  if (inputCount(fused) === inputCount(graph)) return fused;
  return fuse(graph, new Map([...expressions].filter(([op]) => op !== expand)));
}

function inputCount(graph: Graph): number {
  return topologicalOrder(rootsOf(graph)).filter(({ kind }) => kind === "input").length;
}

function fuse(graph: Graph, known: ReadonlyMap<AnyOp, Expression>): Graph {
  const uses = countUses(graph);
  return rewriteGraph(graph, (node, original) => {
    const isUsedOnce = (i: number) => uses.get(original.inputs[i]!) === 1;
    if (node.op === sumPixels) {
      const [values] = node.inputs as [Node];
      const own: Formula = { inputs: [values], instructions: [{ op: "input", index: 0 }] };
      const joined = join(own, values, known, isUsedOnce);
      return joined === own ? node : (rebuilt(sumPointwise, node, joined, values) ?? node);
    }
    const own = formulaOf(node, known);
    if (own === undefined || node.op === expand) return node;
    const joined = join(own, node, known, isUsedOnce);
    return joined === own ? node : (rebuilt(pointwise, node, joined, node) ?? node);
  });
}

function formulaOf(node: Node, known: ReadonlyMap<AnyOp, Expression>): Formula | undefined {
  if (node.kind !== "op" || node.epilogue.length > 0) return undefined;
  if (node.op === pointwise) {
    return { inputs: node.inputs, instructions: (node.attrs as PointwiseAttrs).instructions };
  }
  const expression = known.get(node.op);
  if (expression === undefined) return undefined;
  // What `expand` is shaped like does not matter for its numbers.
  const inputs = node.op === expand ? node.inputs.slice(0, 1) : node.inputs;
  return { inputs, instructions: instructionsOf(expression) };
}

/** A formula with those of its inputs in their place, as far as it pays; the formula itself where nothing does. */
function join(
  own: Formula,
  values: Node,
  known: ReadonlyMap<AnyOp, Expression>,
  isUsedOnce: (index: number) => boolean,
): Formula {
  let joined = own;
  own.inputs.forEach((input, i) => {
    const inner = formulaOf(input, known);
    if (inner === undefined || input.phase !== values.phase || !isLaidOver(input, values)) return;
    if (!isUsedOnce(i) && !isCheap(inner, values)) return;
    const candidate = inserted(joined, input, inner);
    const isTooLarge =
      candidate.inputs.length > mostInputs || operationsOf(candidate.instructions) > mostOperations;
    if (!isTooLarge) joined = candidate;
  });
  return joined;
}

/** Whether there is a number of the input's for each of the values. */
function isLaidOver(input: Node, values: Node): boolean {
  return broadcastOf("fuse-pointwise", input.type.shape, values.type.shape) === "none";
}

function isCheap({ inputs, instructions }: Formula, values: Node): boolean {
  const whole = inputs.filter((input) => isLaidOver(input, values));
  return whole.length <= 1 && operationsOf(instructions) <= cheapOperations && !instructions.some(isLong);
}

function isLong({ op }: Instruction): boolean {
  return op !== "input" && op !== "constant" && scalarOps[op].isLong === true;
}

function operationsOf(instructions: readonly Instruction[]): number {
  return instructions.filter(({ op }) => op !== "input" && op !== "constant").length;
}

/** The formula with another in place of one of its inputs. */
function inserted(outer: Formula, input: Node, inner: Formula): Formula {
  const inputs = [...new Set([...outer.inputs.filter((each) => each !== input), ...inner.inputs])];
  const leaf = (node: Node) => Expression.input(inputs.indexOf(node));
  const value = expressionOf(inner.instructions, (index) => leaf(inner.inputs[index]!));
  const whole = expressionOf(outer.instructions, (index) =>
    outer.inputs[index] === input ? value : leaf(outer.inputs[index]!),
  );
  return { inputs, instructions: instructionsOf(whole) };
}

/** A node of a formula in place of another; undefined where the formula alone does not say shape or phase. */
function rebuilt(op: AnyOp, node: OpNode, formula: Formula, values: Node): OpNode | undefined {
  const first = formula.inputs.findIndex((input) => isLaidOver(input, values));
  if (first < 0) return undefined;
  const order = [first, ...formula.inputs.keys()].filter((index, i) => i === 0 || index !== first);
  const instructions = formula.instructions.map((each) =>
    each.op === "input" ? { ...each, index: order.indexOf(each.index) } : each,
  );
  const attrs: PointwiseAttrs = { name: "fused", instructions };
  const fused = makeNode(
    op,
    order.map((index) => formula.inputs[index]!),
    attrs,
  );
  return fused.phase === node.phase ? fused : undefined;
}

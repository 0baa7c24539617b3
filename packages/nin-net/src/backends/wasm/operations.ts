/** What the kernel that interprets pointwise expressions can do in one pass over a block. */
import type { Instruction } from "../../ops/pointwise/expression.ts";
import { scalarOpNames } from "../../ops/pointwise/scalar-ops.ts";

/**
 * In the order of their numbers in the kernel: the operations of expressions, then pairs of them that follow each other
 * often, rounded as the two are: (a - b) c, a b + c, and a > b ? a : b.
 */
export const operationNames = [...scalarOpNames, "subMul", "mulAdd", "larger"] as const;
export type OperationName = (typeof operationNames)[number];

/** As an expression's instruction, with the operations of the kernel. */
export type Operation =
  | Exclude<Instruction, { readonly args: readonly number[] }>
  | { readonly op: OperationName; readonly args: readonly number[] };

/** Makes one operation of two where the kernel has it, and nothing else reads what the first one gives. */
export function joinOperations(instructions: readonly Instruction[]): Operation[] {
  const uses = new Array<number>(instructions.length).fill(0);
  for (const each of instructions) if ("args" in each) for (const arg of each.args) uses[arg]!++;
  const joined: (Operation | undefined)[] = [];
  instructions.forEach((each, i) => {
    const pair = "args" in each ? pairOf(each, (at) => (uses[at] === 1 ? joined[at] : undefined)) : undefined;
    if (pair !== undefined) joined[pair.first] = undefined;
    joined[i] = pair?.operation ?? each;
  });

  const places: number[] = [];
  const operations: Operation[] = [];
  joined.forEach((each, i) => {
    if (each === undefined) return;
    const args = "args" in each && { args: each.args.map((arg) => places[arg]!) };
    places[i] = operations.push({ ...each, ...args } as Operation) - 1;
  });
  return operations;
}

interface Pair {
  /** Place of the first of the two. */
  readonly first: number;
  readonly operation: Operation;
}

/** @param onlyHere - the operation at a place, if its result is read once */
function pairOf(
  { op, args }: { readonly op: OperationName; readonly args: readonly number[] },
  onlyHere: (place: number) => Operation | undefined,
): Pair | undefined {
  const argsOf = (place: number, name: OperationName) => {
    const operation = onlyHere(place);
    return operation?.op === name ? (operation as { readonly args: readonly number[] }).args : undefined;
  };
  if (op === "where") {
    const [condition, yes, no] = args as [number, number, number];
    const compared = argsOf(condition, "greater");
    if (compared?.[0] !== yes || compared[1] !== no) return undefined;
    return { first: condition, operation: { op: "larger", args: [yes, no] } };
  }
  if (op !== "mul" && op !== "add") return undefined;
  const [inner, outer] = op === "mul" ? (["sub", "subMul"] as const) : (["mul", "mulAdd"] as const);
  for (const [first, other] of [args, args.toReversed()] as [number, number][]) {
    const operands = argsOf(first, inner);
    if (operands !== undefined) return { first, operation: { op: outer, args: [...operands, other] } };
  }
  return undefined;
}

/**
 * Expressions on single numbers, out of which pointwise ops are made. An expression is built by calling methods; as
 * an op's attribute it is a list of instructions, plain data.
 */
import { NinError } from "../../core/errors.ts";
import { type ScalarOpName, scalarOps } from "./scalar-ops.ts";

/** An expression or a constant. */
export type Operand = Expression | number;

/** What an expression becomes: each instruction makes a number from those before it; the last is the result. */
export type Instruction =
  | { readonly op: "input"; readonly index: number }
  | { readonly op: "constant"; readonly value: number }
  | { readonly op: ScalarOpName; readonly args: readonly number[] };

/** A number that depends on the inputs of a pointwise op. Methods leave it as it is and give a new expression. */
export class Expression {
  /** An input, a constant, or the operation that makes the number from {@link Expression.args}. */
  readonly kind: "input" | "constant" | ScalarOpName;
  /** What the operation is applied to; none for inputs and constants. */
  readonly args: readonly Expression[];
  /** A constant's value, or the position of an input. */
  readonly value: number;

  private constructor(kind: Expression["kind"], args: readonly Expression[], value = 0) {
    this.kind = kind;
    this.args = args;
    this.value = value;
  }

  /** The input at a position, from 0. */
  static input(index: number): Expression {
    return new Expression("input", [], index);
  }

  /** @throws NinError unless float32 can hold it: not all GPUs have infinities */
  static constant(value: number): Expression {
    if (Number.isFinite(Math.fround(value))) return new Expression("constant", [], value);
    throw new NinError(
      `expression: got the constant ${value}, expected a finite float32 number. Compute it from the inputs.`,
    );
  }

  /** An operation on expressions and constants. */
  static of(kind: ScalarOpName, ...operands: readonly Operand[]): Expression {
    const args = operands.map((x) => (typeof x === "number" ? Expression.constant(x) : x));
    return new Expression(kind, args);
  }

  /** this + other */
  add(other: Operand): Expression {
    return Expression.of("add", this, other);
  }

  /** this - other */
  sub(other: Operand): Expression {
    return Expression.of("sub", this, other);
  }

  /** this * other */
  mul(other: Operand): Expression {
    return Expression.of("mul", this, other);
  }

  /** this / other */
  div(other: Operand): Expression {
    return Expression.of("div", this, other);
  }

  /** -this */
  neg(): Expression {
    return Expression.of("neg", this);
  }

  /** Absolute value. */
  abs(): Expression {
    return Expression.of("abs", this);
  }

  /** Square root. */
  sqrt(): Expression {
    return Expression.of("sqrt", this);
  }

  /** 1 / x */
  reciprocal(): Expression {
    return Expression.constant(1).div(this);
  }

  /** e to the power of x. */
  exp(): Expression {
    return Expression.of("exp", this);
  }

  /** Natural logarithm. */
  log(): Expression {
    return Expression.of("log", this);
  }

  /** Hyperbolic tangent. */
  tanh(): Expression {
    return Expression.of("tanh", this);
  }

  /** 1 / (1 + exp(-x)) */
  sigmoid(): Expression {
    return Expression.of("sigmoid", this);
  }

  /** x to a constant power: by multiplications for whole exponents up to 64, else exp(exponent log x), for x > 0. */
  pow(exponent: number): Expression {
    if (!Number.isInteger(exponent) || Math.abs(exponent) > 64) return this.log().mul(exponent).exp();
    if (exponent < 0) return this.pow(-exponent).reciprocal();
    if (exponent === 0) return Expression.constant(1);
    const half = exponent > 1 ? this.pow(Math.floor(exponent / 2)) : undefined;
    if (half === undefined) return this;
    return exponent % 2 === 0 ? half.mul(half) : half.mul(half).mul(this);
  }

  /** The larger of the two, as `torch.maximum`: the gradient of equal operands is shared. */
  max(other: Operand): Expression {
    return Expression.of("max", this, other);
  }

  /** The smaller of the two, as `torch.minimum`: the gradient of equal operands is shared. */
  min(other: Operand): Expression {
    return Expression.of("min", this, other);
  }

  /** 1 where this is greater, else 0; so the other comparisons. They have no gradient. */
  greater(other: Operand): Expression {
    return Expression.of("greater", this, other);
  }

  /** 1 where this is greater or equal, else 0. */
  greaterEqual(other: Operand): Expression {
    return Expression.of("greaterEqual", this, other);
  }

  /** 1 where this is less, else 0. */
  less(other: Operand): Expression {
    return Expression.of("greater", other, this);
  }

  /** 1 where this is less or equal, else 0. */
  lessEqual(other: Operand): Expression {
    return Expression.of("greaterEqual", other, this);
  }

  /** 1 where both are equal, else 0. */
  equal(other: Operand): Expression {
    return Expression.of("equal", this, other);
  }

  /** `yes` where this is not 0, else `no`: `x.greater(0).where(x, 0)`. */
  where(yes: Operand, no: Operand): Expression {
    return Expression.of("where", this, yes, no);
  }
}

/** Lists an expression's instructions; what is computed twice in the same way is there once. */
export function instructionsOf(root: Expression): readonly Instruction[] {
  const instructions: Instruction[] = [];
  const places = new Map<string, number>();
  const placeOf = new Map<Expression, number>();
  for (const each of inOrder(root)) {
    const args = each.args.map((arg) => placeOf.get(arg)!);
    const key = `${each.kind} ${args.join(" ")} ${Object.is(each.value, -0) ? "-0" : each.value}`;
    let place = places.get(key);
    if (place === undefined) {
      place = instructions.push(instructionOf(each, args)) - 1;
      places.set(key, place);
    }
    placeOf.set(each, place);
  }
  return instructions;
}

function instructionOf({ kind, value }: Expression, args: readonly number[]): Instruction {
  if (kind === "input") return { op: kind, index: value };
  return kind === "constant" ? { op: kind, value } : { op: kind, args };
}

/**
 * Undoes {@link instructionsOf}.
 *
 * @param input - stands for an input
 */
export function expressionOf(
  instructions: readonly Instruction[],
  input: (index: number) => Expression,
): Expression {
  return expressionsOf(instructions, input).at(-1)!;
}

/** The expression of each instruction; the last is the result. */
function expressionsOf(
  instructions: readonly Instruction[],
  input: (index: number) => Expression = Expression.input,
): Expression[] {
  const made: Expression[] = [];
  for (const each of instructions) {
    if (each.op === "input") made.push(input(each.index));
    else if (each.op === "constant") made.push(Expression.constant(each.value));
    else made.push(Expression.of(each.op, ...each.args.map((arg) => made[arg]!)));
  }
  return made;
}

/** Every part of an expression, each after its operands. */
function inOrder(root: Expression): Expression[] {
  const order = new Set<Expression>();
  const visit = (each: Expression): void => {
    if (order.has(each)) return;
    each.args.forEach(visit);
    order.add(each);
  };
  visit(root);
  return [...order];
}

/**
 * Derives an expression by reverse-mode differentiation.
 *
 * @param count - of the expression's inputs; after them comes the loss's gradient with respect to the result, and then
 *   the result itself, so that it need not be computed again
 * @returns for each input the loss's gradient with respect to it; null where the result does not depend on it
 */
export function derivatives(instructions: readonly Instruction[], count: number): (Expression | null)[] {
  const parts = expressionsOf(instructions);
  const root = parts.at(-1)!;
  const result = Expression.input(count + 1);
  const found = new Map<Expression, Expression>([[root, Expression.input(count)]]);
  for (const y of parts.toReversed()) {
    const dy = found.get(y);
    if (dy === undefined || y.kind === "input" || y.kind === "constant") continue;
    const rule = scalarOps[y.kind].gradient as (...given: readonly Expression[]) => (Expression | null)[];
    rule(dy, y === root ? result : y, ...y.args).forEach((dx, i) => {
      const x = y.args[i]!;
      if (dx === null || x.kind === "constant") return;
      const others = found.get(x);
      found.set(x, others === undefined ? dx : others.add(dx));
    });
  }
  return Array.from({ length: count }, (_, index) => {
    const input = parts.find(({ kind, value }) => kind === "input" && value === index);
    return (input && found.get(input)) ?? null;
  });
}

/** The value of an expression in float64. */
export function evaluateExpression(
  instructions: readonly Instruction[],
  input: (index: number) => number,
): number {
  const values: number[] = [];
  for (const each of instructions) {
    if (each.op === "input") values.push(input(each.index));
    else if (each.op === "constant") values.push(each.value);
    else {
      const evaluate = scalarOps[each.op].evaluate as (...x: readonly number[]) => number;
      values.push(evaluate(...each.args.map((arg) => values[arg]!)));
    }
  }
  return values.at(-1)!;
}

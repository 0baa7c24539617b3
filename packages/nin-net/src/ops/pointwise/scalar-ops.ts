/** What an expression may be made of: one entry an operation, with its value in float64 and its gradient. */
import type { Expression } from "./expression.ts";

/** In the order of their numbers in kernels. */
export const scalarOpNames = [
  "add",
  "sub",
  "mul",
  "div",
  "max",
  "min",
  "neg",
  "abs",
  "sqrt",
  "exp",
  "log",
  "tanh",
  "sigmoid",
  "greater",
  "greaterEqual",
  "equal",
  "where",
] as const;
export type ScalarOpName = (typeof scalarOpNames)[number];

interface ScalarOp {
  readonly evaluate: (...x: readonly [number, number, number]) => number;
  /**
   * The loss's gradient with respect to each operand; null where there is none.
   *
   * @param dy - the loss's gradient with respect to the result y
   */
  readonly gradient: (
    dy: Expression,
    y: Expression,
    ...x: readonly [Expression, Expression, Expression]
  ) => readonly (Expression | null)[];
  /** Whether it takes many instructions of a processor: its value is rather stored than computed again. */
  readonly isLong?: true;
}

export const scalarOps: { readonly [K in ScalarOpName]: ScalarOp } = {
  add: { evaluate: (a, b) => a + b, gradient: (dy) => [dy, dy] },
  sub: { evaluate: (a, b) => a - b, gradient: (dy) => [dy, dy.neg()] },
  mul: { evaluate: (a, b) => a * b, gradient: (dy, _y, a, b) => [dy.mul(b), dy.mul(a)] },
  div: {
    evaluate: (a, b) => a / b,
    gradient: (dy, y, _a, b) => [dy.div(b), dy.mul(y).div(b).neg()],
  },
  /** As `torch.maximum`: a NaN wins, and equal operands share the gradient. */
  max: {
    evaluate: Math.max,
    gradient: (dy, _y, a, b) => [dy.mul(largerShare(a, b)), dy.mul(largerShare(b, a))],
  },
  /** As `torch.minimum`. */
  min: {
    evaluate: Math.min,
    gradient: (dy, _y, a, b) => [dy.mul(largerShare(b, a)), dy.mul(largerShare(a, b))],
  },
  neg: { evaluate: (a) => -a, gradient: (dy) => [dy.neg()] },
  /** The gradient at 0 is 0. */
  abs: { evaluate: Math.abs, gradient: (dy, _y, a) => [dy.mul(a.greater(0).sub(a.less(0)))] },
  sqrt: { evaluate: Math.sqrt, gradient: (dy, y) => [dy.mul(0.5).div(y)] },
  exp: { evaluate: Math.exp, gradient: (dy, y) => [dy.mul(y)], isLong: true },
  log: { evaluate: Math.log, gradient: (dy, _y, a) => [dy.div(a)], isLong: true },
  tanh: { evaluate: Math.tanh, gradient: (dy, y) => [dy.mul(y.mul(y).neg().add(1))], isLong: true },
  /** 1 / (1 + exp(-a)) */
  sigmoid: {
    evaluate: (a) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a))),
    gradient: (dy, y) => [dy.mul(y).mul(y.neg().add(1))],
    isLong: true,
  },
  /** Comparisons are 1 where they hold, else 0. */
  greater: { evaluate: (a, b) => Number(a > b), gradient: () => [null, null] },
  greaterEqual: { evaluate: (a, b) => Number(a >= b), gradient: () => [null, null] },
  equal: { evaluate: (a, b) => Number(a === b), gradient: () => [null, null] },
  /** b where a is not 0, else c. */
  where: {
    evaluate: (a, b, c) => (a !== 0 ? b : c),
    gradient: (dy, _y, a) => [null, a.where(dy, 0), a.where(0, dy)],
  },
};

/** 1 where a > b, one half where they are equal, else 0. */
function largerShare(a: Expression, b: Expression): Expression {
  return a.greater(b).add(a.greaterEqual(b)).mul(0.5);
}

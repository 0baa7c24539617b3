/** Pointwise expressions as WGSL. */
import type { Node, OpNode } from "../../../graph/node.ts";
import type { Instruction } from "../../../ops/pointwise/expression.ts";
import { broadcastOf, type PointwiseAttrs } from "../../../ops/pointwise/pointwise.ts";
import type { ScalarOpName } from "../../../ops/pointwise/scalar-ops.ts";
import type { Lowering } from "../lowering.ts";
import { type Binding, floats, real, vectors } from "../shader.ts";
import { channelsOf, launch } from "./elementwise.ts";

/** What an expression works on: one float or several at once. */
export type ValueType = "f32" | "vec2f" | "vec4f";

/** Of a type and names of values of it. How infinities and NaN come out is up to the GPU. */
const wgsl: {
  readonly [K in ScalarOpName]: (type: ValueType, a: string, b: string, c: string) => string;
} = {
  add: (_, a, b) => `${a} + ${b}`,
  sub: (_, a, b) => `${a} - ${b}`,
  mul: (_, a, b) => `${a} * ${b}`,
  div: (_, a, b) => `${a} / ${b}`,
  max: (_, a, b) => `max(${a}, ${b})`,
  min: (_, a, b) => `min(${a}, ${b})`,
  neg: (_, a) => `-${a}`,
  abs: (_, a) => `abs(${a})`,
  sqrt: (_, a) => `sqrt(${a})`,
  exp: (_, a) => `exp(${a})`,
  log: (_, a) => `log(${a})`,
  // Beyond 10 it is 1 in float32; some drivers divide infinities there.
  tanh: (type, a) => `tanh(clamp(${a}, ${type}(-10.0), ${type}(10.0)))`,
  sigmoid: (type, a) =>
    `select(exp(-abs(${a})), ${type}(1.0), ${a} >= ${type}()) / (${type}(1.0) + exp(-abs(${a})))`,
  greater: (type, a, b) => `select(${type}(), ${type}(1.0), ${a} > ${b})`,
  greaterEqual: (type, a, b) => `select(${type}(), ${type}(1.0), ${a} >= ${b})`,
  equal: (type, a, b) => `select(${type}(), ${type}(1.0), ${a} == ${b})`,
  where: (type, a, b, c) => `select(${c}, ${b}, ${a} != ${type}())`,
};

/** Statements that compute an expression, and the name of its result. */
export function expressionCode(
  instructions: readonly Instruction[],
  type: ValueType,
  inputs: readonly string[],
): { readonly code: string; readonly result: string } {
  const lines = instructions.map((each, i) => {
    if (each.op === "input") return `let v${i} = ${inputs[each.index]!};`;
    if (each.op === "constant") return `let v${i} = ${type}(${real(each.value)});`;
    const [a = "", b = "", c = ""] = each.args.map((arg) => `v${arg}`);
    return `let v${i} = ${wgsl[each.op](type, a, b, c)};`;
  });
  return { code: lines.join("\n"), result: `v${instructions.length - 1}` };
}

/** Four elements a thread. */
export function pointwise(node: OpNode & { readonly attrs: PointwiseAttrs }, to: Lowering): void {
  const { name, instructions } = node.attrs;
  const inputs = node.inputs.map((input, i) => read(`x${i}`, name, input, node, to));
  const values = inputs.map(({ value }) => value);
  const { code, result } = expressionCode(instructions, "vec4f", values);
  const reads = inputs.map(({ binding }) => binding);
  launch("pointwise", node, to, reads, result, `${code}\n`);
}

/** An input's buffer, and the WGSL that reads it for the vector `id`. */
function read(
  binding: string,
  op: string,
  input: Node,
  node: OpNode,
  to: Lowering,
): { readonly binding: Binding; readonly value: string } {
  switch (broadcastOf(op, input.type.shape, node.type.shape)) {
    case "none": {
      const whole = vectors(binding, to.buffer(input));
      return { binding: whole, value: whole.at("id") };
    }
    case "scalar": {
      const one = floats(binding, to.buffer(input));
      return { binding: one, value: `vec4f(${one.at("0u")})` };
    }
    case "channels":
      return channelsOf(binding, input, to);
  }
}

/** Pointwise expressions as WGSL, four elements a thread. */
import type { Node, OpNode } from "../../../graph/node.ts";
import { broadcastOf, type PointwiseAttrs } from "../../../ops/pointwise/pointwise.ts";
import type { ScalarOpName } from "../../../ops/pointwise/scalar-ops.ts";
import type { Lowering } from "../lowering.ts";
import { type Binding, floats, real, vectors } from "../shader.ts";
import { channelsOf, launch } from "./elementwise.ts";

/** Of names of vectors. How infinities and NaN come out is up to the GPU. */
const wgsl: { readonly [K in ScalarOpName]: (a: string, b: string, c: string) => string } = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  max: (a, b) => `max(${a}, ${b})`,
  min: (a, b) => `min(${a}, ${b})`,
  neg: (a) => `-${a}`,
  abs: (a) => `abs(${a})`,
  sqrt: (a) => `sqrt(${a})`,
  exp: (a) => `exp(${a})`,
  log: (a) => `log(${a})`,
  // Beyond 10 it is 1 in float32; some drivers divide infinities there.
  tanh: (a) => `tanh(clamp(${a}, vec4f(-10.0), vec4f(10.0)))`,
  sigmoid: (a) => `select(exp(-abs(${a})), vec4f(1.0), ${a} >= vec4f()) / (vec4f(1.0) + exp(-abs(${a})))`,
  greater: (a, b) => `select(vec4f(), vec4f(1.0), ${a} > ${b})`,
  greaterEqual: (a, b) => `select(vec4f(), vec4f(1.0), ${a} >= ${b})`,
  equal: (a, b) => `select(vec4f(), vec4f(1.0), ${a} == ${b})`,
  where: (a, b, c) => `select(${c}, ${b}, ${a} != vec4f())`,
};

export function pointwise(node: OpNode & { readonly attrs: PointwiseAttrs }, to: Lowering): void {
  const { name, instructions } = node.attrs;
  const inputs = node.inputs.map((input, i) => read(`x${i}`, name, input, node, to));
  const lines = instructions.map((each, i) => {
    if (each.op === "input") return `let v${i} = ${inputs[each.index]!.value};`;
    if (each.op === "constant") return `let v${i} = vec4f(${real(each.value)});`;
    const [a = "", b = "", c = ""] = each.args.map((arg) => `v${arg}`);
    return `let v${i} = ${wgsl[each.op](a, b, c)};`;
  });
  const reads = inputs.map(({ binding }) => binding);
  launch("pointwise", node, to, reads, `v${instructions.length - 1}`, `${lines.join("\n")}\n`);
}

/** An input's buffer, and the WGSL that reads it for the vector `id`. */
function read(
  binding: string,
  op: string,
  input: Node,
  node: OpNode,
  to: Lowering,
): { binding: Binding; value: string } {
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

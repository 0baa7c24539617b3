/** Elementwise ops at the end of another op's kernel, before its result is stored. */
import type { EpilogueStep, OpNode } from "../../../graph/node.ts";
import { type OpName, ops } from "../../../ops/ops.ts";
import { broadcastOf, type PointwiseAttrs } from "../../../ops/pointwise/pointwise.ts";
import type { Lowering } from "../lowering.ts";
import { Binding } from "../shader.ts";
import { expressionCode, type ValueType } from "./pointwise.ts";

/**
 * What `r`, the value so far, becomes: an expression of `r`, of `e`, which reads the step's own binding, of `at`, the
 * place of the result, and of `channel`.
 */
const steps: { readonly [K in OpName]?: (e: (index: string) => string, zero: string) => string } = {
  addBias: (e) => `r + ${e("channel")}`,
  relu: (_e, zero) => `select(r, ${zero}, r <= ${zero})`,
  reluGrad: (e, zero) => `select(${zero}, r, ${e("at")} > ${zero})`,
  scaleChannels: (e) => `r * ${e("channel")}`,
  mul: (e) => `r * ${e("at")}`,
};

/** Kernels have at most three buffers of their own, and WebGPU promises eight. */
const mostBuffers = 4;

/** Whether kernels that end with {@link epilogue} can end with these. */
export function acceptsSteps(these: readonly EpilogueStep[]): boolean {
  const buffers = these.reduce((count, { inputs }) => count + inputs.length, 0);
  return buffers <= mostBuffers && these.every(({ op }) => op.opName in steps || op === ops.pointwise);
}

export interface Epilogue {
  readonly bindings: readonly Binding[];
  /** Statements on `var r`, with `at` and `channel` in units of the vector. */
  readonly code: string;
}

/** @param view - what `r` is, and how the bindings are read */
export function epilogue(node: OpNode, to: Lowering, view: ValueType): Epilogue {
  const bindings: Binding[] = [];
  const zero = `${view}()`;
  const bind = (binding: Binding): Binding => {
    bindings.push(binding);
    return binding;
  };
  const code = node.epilogue.map((step, i) => {
    if (step.op === ops.pointwise) return pointwiseStep(step, `e${i}`, node, to, view, bind);
    const own = step.inputs.map((other) => bind(new Binding(`e${i}`, to.buffer(other), view)));
    return `r = ${steps[step.op.opName as OpName]!((index) => own[0]!.at(index), zero)};`;
  });
  return { bindings, code: code.join("\n") };
}

/** A pointwise op whose first input is `r`. */
function pointwiseStep(
  step: EpilogueStep,
  prefix: string,
  node: OpNode,
  to: Lowering,
  view: ValueType,
  bind: (binding: Binding) => Binding,
): string {
  const { name, instructions } = step.attrs as PointwiseAttrs;
  const others = step.inputs.map((input, i) => {
    const broadcast = broadcastOf(name, input.type.shape, node.type.shape);
    const binding = bind(
      new Binding(`${prefix}_${i}`, to.buffer(input), broadcast === "scalar" ? "f32" : view),
    );
    if (broadcast === "scalar") return `${view}(${binding.at("0u")})`;
    return binding.at(broadcast === "none" ? "at" : "channel");
  });
  const { code, result } = expressionCode(instructions, view, ["r", ...others]);
  return `{\n${code}\nr = ${result};\n}`;
}

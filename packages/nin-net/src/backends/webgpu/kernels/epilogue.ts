/** Elementwise ops at the end of another op's kernel, before its result is stored. */
import type { EpilogueStep, OpNode } from "../../../graph/node.ts";
import type { OpName } from "../../../ops/ops.ts";
import type { Lowering } from "../lowering.ts";
import { Binding } from "../shader.ts";

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
const mostSteps = 4;

/** Whether kernels that end with {@link epilogue} can end with these. */
export function acceptsSteps(these: readonly EpilogueStep[]): boolean {
  return these.length <= mostSteps && these.every(({ op }) => steps[op.opName as OpName] !== undefined);
}

export interface Epilogue {
  readonly bindings: readonly Binding[];
  /** Statements on `var r`, with `at` and `channel` in units of the vector. */
  readonly code: string;
}

/** @param view - what `r` is, and how the bindings are read */
export function epilogue(node: OpNode, to: Lowering, view: "f32" | "vec2f" | "vec4f"): Epilogue {
  const bindings: Binding[] = [];
  const zero = view === "f32" ? "0.0" : `${view}()`;
  const code = node.epilogue.map((step, i) => {
    const own = step.inputs.map((other) => new Binding(`e${i}`, to.buffer(other), view));
    bindings.push(...own);
    return `r = ${steps[step.op.opName as OpName]!((index) => own[0]!.at(index), zero)};`;
  });
  return { bindings, code: code.join("\n") };
}

/** Elementwise ops at the end of another op's kernel, before its result is stored. */
import type { EpilogueStep, OpNode } from "../../../graph/node.ts";
import type { OpName } from "../../../ops/ops.ts";
import type { Buffer, Lowering } from "../lowering.ts";
import type { Binding } from "../shader.ts";

/**
 * What `r`, the value so far, becomes: an expression of `r`, of the step's own binding `e`, of `at`, the place of the
 * result, and of `channel`.
 */
const steps: { readonly [K in OpName]?: (e: string, zero: string) => string } = {
  addBias: (e) => `r + ${e}[channel]`,
  relu: (_e, zero) => `select(r, ${zero}, r <= ${zero})`,
  reluGrad: (e, zero) => `select(${zero}, r, ${e}[at] > ${zero})`,
  mul: (e) => `r * ${e}[at]`,
};

/** Kernels have at most three buffers of their own, and WebGPU promises eight. */
const mostSteps = 4;

/** Whether kernels that end with {@link epilogue} can end with these. */
export function acceptsSteps(these: readonly EpilogueStep[]): boolean {
  return these.length <= mostSteps && these.every(({ op }) => steps[op.opName as OpName] !== undefined);
}

export interface Epilogue {
  readonly bindings: readonly Binding[];
  readonly buffers: readonly Buffer[];
  /** Statements on `var r`, with `at` and `channel` in units of the vector. */
  readonly code: string;
}

/** @param element - what `r` is, and what the bindings hold */
export function epilogue(node: OpNode, to: Lowering, element: "f32" | "vec4f"): Epilogue {
  const bindings: Binding[] = [];
  const buffers: Buffer[] = [];
  const zero = element === "f32" ? "0.0" : "vec4f()";
  const code = node.epilogue.map((step, i) => {
    const name = `e${i}`;
    for (const other of step.inputs) {
      bindings.push({ name, element });
      buffers.push(to.buffer(other));
    }
    return `r = ${steps[step.op.opName as OpName]!(name, zero)};`;
  });
  return { bindings, buffers, code: code.join("\n") };
}

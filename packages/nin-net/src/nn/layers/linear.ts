import { ShapeError } from "../../core/errors.ts";
import type { Node } from "../../graph/node.ts";
import { addBias } from "../../ops/add-bias.ts";
import { linear } from "../../ops/composites/linear.ts";
import { newParameter } from "../initializers.ts";
import { Layer } from "../layer.ts";
import { checkWhole } from "../layer-path.ts";
import type { Parameter } from "../parameter.ts";
import type { TraceContext } from "../trace.ts";

/** Whether {@link Linear} has biases. */
export interface LinearOptions {
  /** Whether a learned number is added to each output; default true. */
  readonly bias?: boolean | undefined;
}

/**
 * y = x W^T + b: [N, inFeatures] -> [N, outFeatures].
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export class Linear extends Layer {
  override readonly kind = "Linear";
  /** Numbers that each image is given as. */
  readonly inFeatures: number;
  /** Numbers that each image becomes. */
  readonly outFeatures: number;
  /** [outFeatures, inFeatures] */
  readonly weight: Parameter;
  /** [outFeatures]; null without bias. */
  readonly bias: Parameter | null;

  /** @throws ShapeError if a size is not a whole number of at least 1 */
  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    this.inFeatures = checkWhole("Linear", "inFeatures", inFeatures, 1);
    this.outFeatures = checkWhole("Linear", "outFeatures", outFeatures, 1);
    const fan = { in: inFeatures, out: outFeatures };
    this.weight = newParameter("weight", [outFeatures, inFeatures], fan);
    this.bias = (options.bias ?? true) ? newParameter("bias", [outFeatures], fan) : null;
  }

  override get parameters(): readonly Parameter[] {
    return this.bias === null ? [this.weight] : [this.weight, this.bias];
  }

  protected override get details(): string {
    return `${this.inFeatures}, ${this.outFeatures}${this.bias === null ? ", bias=false" : ""}`;
  }

  override checkInput(where: string, shape: readonly number[]): void {
    super.checkInput(where, shape);
    if (shape.length === 2 && shape[1] === this.inFeatures) return;
    throw new ShapeError(where, {
      got: shape,
      want: `[N, ${this.inFeatures}]`,
      fix:
        shape.length === 2
          ? `Make the layer with inFeatures ${shape[1]}, or give it as many features as it takes.`
          : "Put a Flatten layer before it.",
    });
  }

  override trace(x: Node, context: TraceContext): Node {
    const y = linear(x, context.parameter(this.weight));
    return this.bias === null ? y : addBias(y, context.parameter(this.bias));
  }
}

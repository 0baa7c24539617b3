import { ShapeError } from "../../core/errors.ts";
import type { Node } from "../../graph/node.ts";
import { dropout } from "../../ops/composites/dropout.ts";
import { Layer } from "../layer.ts";
import type { TraceContext } from "../trace.ts";

/**
 * In training, sets each element to 0 with probability p and multiplies the others by 1/(1 - p); in evaluation
 * it does nothing. Any shape.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 */
export class Dropout extends Layer {
  override readonly kind = "Dropout";
  /** Probability that an element becomes 0. */
  readonly p: number;

  /**
   * @param p - 0 up to, but without, 1
   * @throws ShapeError for another p
   */
  constructor(p = 0.5) {
    super();
    if (!(p >= 0 && p < 1)) {
      throw new ShapeError("Dropout", {
        got: `p ${p}`,
        want: "a probability of at least 0 and below 1",
        fix: "Pass the share of elements to drop, e.g. 0.5.",
      });
    }
    this.p = p;
  }

  protected override get details(): string {
    return `p=${this.p}`;
  }

  override trace(x: Node, context: TraceContext): Node {
    if (context.mode === "eval" || this.p === 0) return x;
    return dropout(x, context.randomKey, { rate: this.p, stream: context.nextStream() });
  }
}

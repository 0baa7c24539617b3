import assert from "node:assert/strict";
import { gradients } from "#nin-net/graph/autodiff.js";
import type { Node } from "#nin-net/graph/node.js";
import { sizeOf } from "#nin-net/graph/node.js";
import { dataOf, leaf, run, sample } from "./run.js";

/**
 * Compares the gradients of sum(weights * y) with central differences in float64.
 *
 * @param y - made of leaves, away from kinks
 * @param wrt - the leaves to differentiate with respect to
 */
export function checkGradient(y: Node, wrt: readonly Node[]): void {
  const weights = sample(sizeOf(y.type.shape), 11);
  const total = (replaced: ReadonlyMap<Node, Float64Array>) =>
    run(y, replaced).reduce((sum, value, i) => sum + value * weights[i]!, 0);

  const found = gradients(y, wrt, leaf(y.type.shape, weights));
  wrt.forEach((x, at) => {
    assert.deepEqual(found[at]!.type.shape, x.type.shape, `input ${at}: shape of the gradient`);
    const analytic = run(found[at]!);
    const data = dataOf(x);
    data.forEach((value, i) => {
      const moved = (by: number) => total(new Map([[x, data.with(i, value + by)]]));
      const numeric = (moved(step) - moved(-step)) / (2 * step);
      assert.ok(
        Math.abs(numeric - analytic[i]!) < 1e-7,
        `input ${at}[${i}]: gradient ${analytic[i]}, central difference ${numeric}`,
      );
    });
  });
}

const step = 1e-5;

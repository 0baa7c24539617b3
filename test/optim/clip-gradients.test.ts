import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { clipGradients } from "#nin-net/optim/clip-gradients.js";
import { leaf, run } from "../ops/run.js";

/** By test/oracle/optimizers.py: clip_grad_norm_ of PyTorch in float64. */
const { gradients, clipped } = JSON.parse(
  readFileSync(new URL("../../../test/oracle/optimizers.json", import.meta.url), "utf8"),
) as {
  readonly gradients: readonly (readonly (readonly number[])[])[];
  readonly clipped: readonly { readonly most: number; readonly gradients: readonly (readonly number[])[] }[];
};

const shapes = [[2, 3], [3], [4, 2]];

test("gradients are scaled as PyTorch scales them, all by one factor, and only if they are too large", () => {
  const slopes = gradients[0]!.map((values, i) => leaf(shapes[i]!, values));
  assert.equal(clipGradients(slopes, undefined), slopes);
  for (const { most, gradients: expected } of clipped) {
    clipGradients(slopes, most).forEach((slope, i) => {
      run(slope).forEach((value, k) => {
        const want = expected[i]![k]!;
        assert.ok(
          Math.abs(value - want) < 1e-12,
          `${most}: gradient ${i}[${k}] is ${value}, expected ${want}`,
        );
      });
    });
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Sigmoid } from "#nin-net/nn/layers/sigmoid.js";
import { Tanh } from "#nin-net/nn/layers/tanh.js";
import { run } from "../run.js";

test("sigmoid and tanh, whatever the shape", async () => {
  const near = (got: Float32Array, want: readonly number[]) => {
    for (const [i, value] of want.entries()) {
      assert.ok(Math.abs(got[i]! - value) < 1e-7, `${got[i]}, expected ${value}`);
    }
  };
  near((await run(new Sigmoid(), [1, 3], [-1, 0, 2])).data, [1 / (1 + Math.E), 0.5, 1 / (1 + Math.exp(-2))]);
  near((await run(new Tanh(), [1, 2, 1, 2], [-1, 0.5, 0, 20])).data, [Math.tanh(-1), Math.tanh(0.5), 0, 1]);
  assert.equal(String(new Sigmoid()), "Sigmoid()");
});

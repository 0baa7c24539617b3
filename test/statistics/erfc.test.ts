import assert from "node:assert/strict";
import { test } from "node:test";
import { erfc } from "#nin-cli/statistics/erfc.js";

// scipy 1.17.1: special.erfc
for (const [x, expected] of [
  [0, 1],
  [0.1, 0.8875370839817152],
  [1, 0.15729920705028516],
  [1.5, 0.03389485352468927],
  [2, 0.004677734981047266],
  [3, 2.2090496998585445e-5],
  [10, 2.0884875837625446e-45],
  [20, 5.395865611607901e-176],
] as const) {
  test(`of ${x}`, () => {
    assert.ok(Math.abs(erfc(x) / expected - 1) < 1e-13, `${erfc(x)}, expected ${expected}`);
  });
}

test("the series and the continued fraction meet at 2", () => {
  const [before, after] = [erfc(2 - 1e-12), erfc(2)];
  assert.ok(before > after && before / after - 1 < 1e-11, `${before} ${after}`);
});

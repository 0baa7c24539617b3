import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NinError } from "#nin-net/core/errors.js";
import { answer, fuzz } from "./fuzz-target.js";
import { targets } from "./targets.js";

/** The same cases every time; `npm run fuzz` draws others. */
const seed = 5;

for (const target of targets) {
  test(`${target.name}: read or refused, ${target.cases} cases`, { timeout: 120_000 }, () =>
    fuzz(target, target.cases, seed),
  );
}

test("there are ten thousand cases and more", () => {
  const sum = targets.reduce((total, { cases }) => total + cases, 0);
  assert.ok(sum >= 10_000, `${sum} cases`);
});

test("a reader that crashes, takes too much memory or writes a novel is seen", async () => {
  const faults: readonly (readonly [RegExp, () => unknown])[] = [
    [/TypeError: bytes is not iterable/, () => new TypeError("bytes is not iterable")],
    [/a message of 9000 characters/, () => new NinError("x".repeat(9000))],
    [/took \d+ bytes, expected 1000000 at most/, () => new Uint8Array(4_000_000)],
  ];
  for (const [message, result] of faults) {
    const property = fc.asyncProperty(fc.nat(), async (drawn) => {
      await answer(() => {
        const value = drawn > 100 ? result() : undefined;
        if (value instanceof Error) throw value;
        return value;
      }, 1_000_000);
    });
    await assert.rejects(fuzz({ name: "a bad reader", cases: 50, property }, 50, seed), (error: Error) => {
      assert.match(error.message, /^a bad reader: seed 5, case \d+ of 50\.\nPath [\d:]+: \[\d+\]\n/);
      assert.match(error.message, message);
      return true;
    });
  }
});

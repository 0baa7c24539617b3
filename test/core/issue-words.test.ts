import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { expectationOf } from "#nin-net/core/issue-words.js";

test("what a schema refuses is told without its library's words", () => {
  const cases: readonly (readonly [z.ZodType, unknown, string])[] = [
    [z.number(), "x", "expected a number"],
    [z.int(), 1.5, "expected a whole number"],
    [z.int().min(1), 0, "expected a number of at least 1"],
    [z.number().positive(), 0, "expected a number above 0"],
    [z.number().max(3), 4, "expected a number of at most 3"],
    [z.number().lt(1), 1, "expected a number below 1"],
    [z.array(z.number()).length(28), [1], "expected exactly 28 items"],
    [z.array(z.number()).min(1), [], "expected at least 1 item"],
    [z.enum(["a", "b", "c"]), "d", "expected a, b or c"],
    [z.union([z.number(), z.array(z.number())]), "x", "expected a number or a list"],
    [z.strictObject({}), { topp: 1 }, 'expected no "topp"'],
    [z.number({ error: "expected one of ours" }), "x", "expected one of ours"],
  ];
  for (const [schema, value, text] of cases) {
    const [issue] = schema.safeParse(value).error!.issues;
    assert.equal(expectationOf(issue!), text);
  }
});

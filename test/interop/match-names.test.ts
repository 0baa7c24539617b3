import assert from "node:assert/strict";
import { test } from "node:test";
import { matchNames } from "#nin-net/interop/match-names.js";
import { NinNet } from "#nin-net/models/nin.js";

const net = new NinNet();
const own = net.stateDict();
const renamed = (rename: (name: string) => string) =>
  Object.fromEntries(Object.entries(own).map(([name, tensor]) => [rename(name), tensor]));

const prefixes: readonly (readonly [what: string, rename: (name: string) => string])[] = [
  ["its own names", (name) => name],
  ["a bare Sequential", (name) => name.replace("model.", "")],
  ["a class that says net", (name) => name.replace("model.", "net.")],
  ["DataParallel", (name) => `module.${name}`],
  [
    "a compiled DataParallel of another class",
    (name) => `_orig_mod.module.${name.replace("model.", "a.b.")}`,
  ],
];

for (const [what, rename] of prefixes) {
  test(`finds the weights of ${what}`, () => {
    const matched = matchNames(renamed(rename), net);
    assert.deepEqual(Object.keys(matched), Object.keys(own));
    assert.equal(matched["model.7.4.bias"], own["model.7.4.bias"]);
  });
}

test("leaves weights of another network as they came", () => {
  const { "model.0.0.weight": _, ...others } = own;
  assert.equal(matchNames(others, net), others);
  const more = { ...own, extra: own["model.7.4.bias"]! };
  assert.equal(matchNames(more, net), more);
  assert.deepEqual(matchNames({}, net), {});
});

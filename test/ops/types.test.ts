/** Calls that must not compile: the compiler checks each `@ts-expect-error`. */
import { test } from "node:test";
import { ops } from "#nin-net/ops/ops.js";
import { leaf } from "./run.js";

test("wrong calls of ops do not compile", () => {
  const [x, w] = [leaf([1, 4, 4, 1]), leaf([3, 3, 1, 1])];
  const wrong = () => {
    // @ts-expect-error: the attributes are missing
    ops.conv2d(x, w);
    // @ts-expect-error: the weights are missing
    ops.conv2d(x, { stride: 1, padding: 0 });
    // @ts-expect-error: an attribute is misspelt
    ops.conv2d(x, w, { strides: 1, padding: 0 });
    // @ts-expect-error: one input too many
    ops.relu(x, w);
    // @ts-expect-error: attributes for an op that has none
    ops.add(x, w, { stride: 1 });
    // @ts-expect-error: a shape is no node
    ops.reshape([1, 2], { shape: [2] });
  };
  void wrong;
});

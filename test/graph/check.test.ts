import assert from "node:assert/strict";
import { test } from "node:test";
import { checkGraph } from "#nin-net/graph/check.js";
import { type Graph, input, type Node, type StateNode, state } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";

const x = input("x", [4, 3], "f32", "slice");
const total = ops.sumSlices(ops.sumPixels(x)); // [3], known at the finish
const graph = (outputs: Graph["outputs"], updates: readonly [StateNode, Node][] = []): Graph => ({
  outputs,
  updates: new Map(updates),
});
const refuses = (wrong: Graph, message: string) =>
  assert.throws(() => checkGraph(wrong, 4), { name: "NinError", message });

test("accepts outputs of every phase and updates of the whole batch", () => {
  const w = state("w", [3]);
  checkGraph(graph({ x, total, w }, [[w, ops.add(w, total)]]), 4);
});

test("refuses a slice's value as if it were the batch's", () => {
  const share = ops.sumPixels(x);
  refuses(
    graph({ share }),
    'output "share": got shape [3] from a slice of 4 images, expected [4, ...]. Add it up over the slices with sumSlices first.',
  );
  refuses(
    graph({}, [[state("w", [3]), share]]),
    'update of "w": got a value of one slice, expected one of the whole batch. Add it up with sumSlices first.',
  );
});

test("refuses an update of another shape", () => {
  refuses(
    graph({}, [[state("w", [2]), total]]),
    'update of "w": got [3] f32, expected [2] f32. Update a state with a value of its own type.',
  );
});

test("refuses to sum what is no share", () => {
  refuses(
    graph({ y: ops.sumSlices(total) }),
    "sumSlices: got a sum over slices, expected a value of one slice. Use the value itself.",
  );
  refuses(
    graph({ y: ops.sumSlices(state("w", [3])) }),
    "sumSlices: got a value that is the same for every slice, expected a value of one slice. Use the value itself.",
  );
});

test("refuses to mix a slice's value with a sum over slices", () => {
  refuses(
    graph({ y: ops.addBias(x, total) }),
    "addBias: got a value of one slice beside a sum over slices, which is known only after the last slice. Add the value up with sumSlices first.",
  );
});

test("refuses two nodes of one name", () => {
  const twice = (make: () => Node) => graph({ y: ops.add(make(), make()) });
  refuses(
    twice(() => input("lr", [1], "f32", "step")),
    'input "lr": got two nodes of this name, expected one. Make the node once and use it everywhere.',
  );
  refuses(
    twice(() => state("w", [1])),
    'state "w": got two nodes of this name, expected one. Make the node once and use it everywhere.',
  );
  const lr = input("lr", [1], "f32", "step");
  checkGraph(
    twice(() => lr),
    4,
  );
});

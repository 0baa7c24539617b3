import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphLowering, PersistentBuffers } from "#nin-net/backends/lowering.js";
import { TracedGraphs } from "#nin-net/backends/traced-graphs.js";
import { type Graph, type InputNode, input, type Node, type OpNode, state } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";

/** A backend whose buffers are names and whose instructions are sentences. */
class Sentences extends GraphLowering<string, string> {
  constructor(graph: Graph, images: number, persistent: PersistentBuffers<string>) {
    super(graph, images, persistent);
    this.lowerNodes();
  }

  protected override lowerLeaf(node: InputNode): void {
    this.lists[node.phase].push(`${node.kind} ${this.buffer(node)}`);
  }

  protected lowerOp(node: OpNode): void {
    if (node.op.isView) {
      this.alias(node, node.inputs[0]!);
      return;
    }
    if (node.op === ops.maxPool2d) this.covered(this.twin(node, ops.maxPool2dIndex)!);
    const inputs = node.inputs.map((x) => this.buffer(x));
    this.lists[node.phase].push(`${this.current!.op.opName} ${inputs} to ${this.buffer(node)}`);
  }

  protected createBuffer(node: Node, bytes: number): string {
    if (node.kind !== "op") return node.name;
    return node.phase === "slice" ? `${bytes} bytes` : this.persistentBuffer(node, bytes);
  }
}

function persistentBuffers(): PersistentBuffers<string> {
  let count = 0;
  return new PersistentBuffers(
    (bytes, contents) => `${contents ? "constant" : "kept"} ${count++} of ${bytes}`,
  );
}

function pooling(images: number): Graph {
  const x = input("x", [images, 2, 2, 1], "f32", "slice");
  const window = { kernel: 2, stride: 2, padding: 0 };
  const [maximum, at] = [ops.maxPool2d(x, window), ops.maxPool2dIndex(x, window)];
  const total = ops.sumSlices(ops.sumAll(ops.reshape(maximum, { shape: [images, 1] })));
  return { outputs: { at, total: ops.relu(total) }, updates: new Map() };
}

test("ops are lowered in order and by phase; those that others compute and views are not", () => {
  // The maxima come first, so that their instructions are those of the positions too.
  const persistent = persistentBuffers();
  const graph = pooling(3);
  const { lists } = new Sentences(
    { ...graph, outputs: { total: graph.outputs.total!, at: graph.outputs.at! } },
    3,
    persistent,
  );
  assert.deepEqual(lists, {
    step: [],
    slice: ["input x", "maxPool2d x to 12 bytes", "sumAll 12 bytes to 4 bytes"],
    finish: ["sumSlices 4 bytes to kept 0 of 4", "relu kept 0 of 4 to kept 1 of 4"],
  });
});

test("graphs of all slice sizes share persistent buffers, and constants of the same bits", () => {
  const persistent = persistentBuffers();
  const [large, small] = [3, 2].map((images) => new Sentences(pooling(images), images, persistent));
  assert.deepEqual(small!.lists.finish.at(-1), large!.lists.finish.at(-1));
  const constant = large!.constant(Float32Array.of(0, 1));
  assert.equal(constant, "constant 2 of 8");
  assert.equal(small!.constant(Float32Array.of(0, 1)), constant);
  assert.notEqual(small!.constant(Float32Array.of(-0, 1)), constant);
  assert.equal(persistent.all().length, 4);
});

test("old values that become other states' new ones are found, views of them included", () => {
  const [a, b, c] = ["a", "b", "c"].map((name) => state(name, [2]));
  const view = ops.reshape(a!, { shape: [2] });
  const changed = ops.relu(c!);
  const updates = new Map([
    [a!, changed],
    [b!, view],
  ] as const);
  const lowering = new Sentences({ outputs: {}, updates }, 1, persistentBuffers());
  assert.deepEqual([...lowering.overwrittenValues()], [view]);
});

test("graphs are traced once for each slice size, and must have the same ops", () => {
  const traced: number[] = [];
  const graphs = new TracedGraphs((images) => {
    traced.push(images);
    const x = input("x", [images, 1], "f32", "slice");
    return { outputs: { y: images === 3 ? ops.relu(ops.relu(x)) : ops.relu(x) }, updates: new Map() };
  });
  assert.equal(graphs.get(1), graphs.get(1));
  graphs.get(2);
  assert.deepEqual(traced, [1, 2]);
  assert.throws(() => graphs.get(3), {
    message:
      "compile: the graph for slices of 3 images has other ops than that for other sizes. Trace and rewrite graphs alike for every slice size.",
  });
});

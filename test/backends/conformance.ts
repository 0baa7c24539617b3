/**
 * One suite for every backend: it runs each op over many shapes, fused and plain, whole and in slices, and whole
 * training steps, and compares with the float64 reference.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { CompileOptions, Device, DeviceState, HostTensor } from "#nin-net/backends/backend.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { DisposedError, NinError } from "#nin-net/core/errors.js";
import { Purpose, RandomStream } from "#nin-net/core/random.js";
import {
  type Graph,
  type InputNode,
  input,
  type Node,
  rootsOf,
  type StateNode,
  sizeOf,
  sliceStart,
  state,
  topologicalOrder,
} from "#nin-net/graph/node.js";
import { type OpName, ops } from "#nin-net/ops/ops.js";
import { type Case, everyNth, fusedCases, opCases } from "./cases.js";
import { in16Bits, onesName } from "./in-16-bits.js";
import { stepState, trainingStep } from "./small-step.js";

/** Relative L2 distance that float32 is allowed. */
const tolerance = 1e-5;
/** The same where activations are 16-bit floats, which have 11 binary digits. */
const halfTolerance = 1e-3;

/**
 * Declares the tests of a backend.
 *
 * @param open - opens a device; the suite disposes of it
 * @param halves - whether the device keeps activations as 16-bit floats
 * @param every - 3 for every third case of each op, where another run of the same kernels takes all; default all
 */
export function conformance(
  name: string,
  open: () => Promise<Device> | Device,
  { halves = false, every = 1 } = {},
): void {
  const stepTolerance = halves ? halfTolerance : tolerance;
  describe(`${name} conforms to the reference`, () => {
    let device: Device;
    before(async () => {
      device = await open();
    });
    after(() => device[Symbol.dispose]());

    for (const op of Object.keys(ops) as OpName[]) {
      test(op, async () => {
        await conforms(device, op, { halves, every });
      });
    }

    test("ops that may be fused", async () => {
      for (const each of everyNth(fusedCases, every)) await compare(device, halves ? halved(each) : each);
    });

    for (const options of [{}, { sliceSize: 3 }, { sliceSize: 3, without: ["all"] }] as CompileOptions[]) {
      test(`three training steps of a small net, ${JSON.stringify(options)}`, async () => {
        const expected = await train(openReference(), {});
        const got = await train(device, options);
        compareValues(got, expected, stepTolerance, "training");
      });
    }

    test("the same run gives the same bits", async () => {
      const first = await train(device, { sliceSize: 3 });
      assert.deepEqual(await train(device, { sliceSize: 3 }), first);
    });

    test("batches of different sizes, one after the other", async () => {
      for (const options of [{}, { sliceSize: 3 }]) {
        using held = await device.createState({});
        const trace = (images: number): Graph => {
          const x = input("x", [images, 5], "f32", "slice");
          return { outputs: { y: ops.relu(x), total: ops.sumSlices(ops.sumAll(x)) }, updates: new Map() };
        };
        using program = device.compile(trace, held, options);
        for (const images of [7, 2, 9, 7, 1]) {
          const x = valuesFor(input("x", [images, 5], "f32", "slice"));
          const { y, total } = await program.run({ x });
          assert.deepEqual(y!.shape, [images, 5]);
          assert.deepEqual(
            y!.data,
            (x.data as Float32Array).map((value) => Math.max(value, 0)),
          );
          const sum = (x.data as Float32Array).reduce((a, b) => a + b, 0);
          close(total!.data, Float32Array.of(sum), tolerance, `sum of ${images} images`);
        }
      }
    });

    test("updates see the values from before the run", async () => {
      const [a, b, c] = [state("a", [5]), state("b", [5]), state("c", [5])];
      const graph: Graph = {
        outputs: { was: a },
        updates: new Map<StateNode, Node>([
          [a, b],
          [b, a],
          [c, ops.add(a, b)],
        ]),
      };
      using held = await device.createState({
        a: { shape: [5], dtype: "f32", data: Float32Array.of(1, 2, 3, 4, 5) },
        b: { shape: [5], dtype: "f32", data: Float32Array.of(10, 20, 30, 40, 50) },
        c: { shape: [5], dtype: "f32", data: new Float32Array(5) },
      });
      using program = device.compile(() => graph, held);
      const { was } = await program.run({});
      assert.deepEqual([...was!.data], [1, 2, 3, 4, 5]);
      assert.deepEqual([...(await held.read("a"))], [10, 20, 30, 40, 50]);
      assert.deepEqual([...(await held.read("b"))], [1, 2, 3, 4, 5]);
      assert.deepEqual([...(await held.read("c"))], [11, 22, 33, 44, 55]);
    });

    test("several programs share a state", async () => {
      const w = state("w", [3]);
      using held = await device.createState({
        w: { shape: [3], dtype: "f32", data: Float32Array.of(1, 2, 3) },
      });
      using doubling = device.compile(() => ({ outputs: {}, updates: new Map([[w, ops.add(w, w)]]) }), held);
      using reading = device.compile(() => ({ outputs: { y: ops.relu(w) }, updates: new Map() }), held);
      await doubling.run({});
      assert.deepEqual([...(await reading.run({})).y!.data], [2, 4, 6]);
      await held.write("w", Float32Array.of(7, 8, 9));
      assert.deepEqual([...(await reading.run({})).y!.data], [7, 8, 9]);
    });

    test("state is a copy, refuses what does not fit, and is gone once disposed of", async () => {
      const given = Float32Array.of(1, 2, 3);
      const held = await device.createState({ w: { shape: [3], dtype: "f32", data: given } });
      assert.deepEqual(held.names, ["w"]);
      given[0] = 100;
      const read = await held.read("w");
      assert.deepEqual([...read], [1, 2, 3]);
      read[0] = 100;
      assert.deepEqual([...(await held.read("w"))], [1, 2, 3]);
      await assert.rejects(async () => held.write("w", new Float32Array(2)), NinError);
      await assert.rejects(async () => held.read("v"), NinError);
      held[Symbol.dispose]();
      held[Symbol.dispose]();
      await assert.rejects(async () => held.read("w"), DisposedError);
    });

    test("a program refuses inputs that do not fit, and is gone once disposed of", async () => {
      using held = await device.createState({});
      const trace = (images: number): Graph => {
        const x = input("x", [images, 2], "f32", "slice");
        return { outputs: { y: ops.relu(x) }, updates: new Map() };
      };
      const program = device.compile(trace, held);
      const good: HostTensor = { shape: [2, 2], dtype: "f32", data: new Float32Array(4) };
      const wrong: Readonly<Record<string, Readonly<Record<string, HostTensor>>>> = {
        missing: {},
        unknown: { x: good, z: good },
        shape: { x: { ...good, shape: [1, 4] } },
        length: { x: { ...good, data: new Float32Array(3) } },
        dtype: { x: { shape: [2, 2], dtype: "u8", data: new Uint8Array(4) } },
        "no images": { x: { shape: [0, 2], dtype: "f32", data: new Float32Array(0) } },
      };
      for (const [what, inputs] of Object.entries(wrong)) {
        await assert.rejects(async () => program.run(inputs), NinError, what);
      }
      await program.run({ x: good });
      program[Symbol.dispose]();
      program[Symbol.dispose]();
      await assert.rejects(async () => program.run({ x: good }), DisposedError);
    });

    test("a state that the graph does not fit is refused when compiled, or when first run", async () => {
      using held = await device.createState({
        w: { shape: [3], dtype: "f32", data: new Float32Array(3) },
      });
      for (const node of [state("v", [3]), state("w", [4])]) {
        const trace = (): Graph => ({ outputs: { y: ops.relu(node) }, updates: new Map() });
        await assert.rejects(async () => device.compile(trace, held).run({}), NinError);
      }
    });
  });
}

/**
 * Runs the cases of an op; see {@link conformance}.
 *
 * @param every - 3 for every third case; default all
 */
export async function conforms(
  device: Device,
  op: OpName,
  { halves = false, every = 1 } = {},
): Promise<void> {
  const cases = everyNth(opCases[op], every);
  assert.ok(cases.length > 0, `${op} has no case`);
  for (const each of cases) {
    const nodes = topologicalOrder(Object.values(each.build(each.images)));
    const used = nodes.some((node) => node.kind === "op" && node.op.opName === op);
    assert.ok(used, `the case "${each.title}" of ${op} uses ${op}`);
    await compare(device, halves ? halved(each) : each);
  }
}

/** A case whose images' inputs and results are 16-bit floats. */
function halved(each: Case): HalvedCase {
  return {
    ...each,
    title: `${each.title} in 16 bits`,
    halves: true,
    build: (images) => in16Bits(each.build(images)),
  };
}

interface HalvedCase extends Case {
  readonly halves?: true;
}

/** Runs a case on the reference and, in every way of compiling it, on the device. */
async function compare(device: Device, each: HalvedCase): Promise<void> {
  const trace = (images: number): Graph => ({ outputs: each.build(images), updates: new Map() });
  const leaves = leavesOf(trace(each.images));
  const inputs = Object.fromEntries(
    leaves.inputs.map((node) => [node.name, valuesFor(node, node.name === "labels" ? each.classes : 256)]),
  );
  const values = Object.fromEntries(leaves.states.map((node) => [node.name, valuesFor(node)]));

  using reference = openReference();
  using exactState = await reference.createState(values);
  const expected = await reference.compile(trace, exactState).run(inputs);

  using held = await device.createState(values);
  const sliced = Math.ceil(each.images / 2);
  const allowed = each.halves ? halfTolerance : each.exact ? 0 : tolerance;
  // How numbers are kept does not depend on slices.
  const isSliced = each.images > 1 && each.halves === undefined;
  for (const options of [
    {},
    { without: ["all"] },
    ...(isSliced ? [{ sliceSize: sliced }, { sliceSize: 1 }] : []),
  ]) {
    using program = device.compile(trace, held, options);
    const got = await program.run(inputs);
    compareValues(got, expected, allowed, `${each.title}, ${JSON.stringify(options)}`);
  }
}

/** Three steps from the same weights; the outputs of each and the state at the end. */
async function train(device: Device, options: CompileOptions): Promise<Record<string, HostTensor>> {
  const nodes = Object.entries(stepState).map(([name, shape]) => state(name, shape));
  const values = Object.fromEntries(
    nodes.map((node) => {
      const tensor = valuesFor(node);
      if (node.name.endsWith("momentum")) tensor.data.fill(0);
      return [node.name, tensor];
    }),
  );
  using held: DeviceState = await device.createState(values);
  using program = device.compile(trainingStep, held, options);
  const scalar = (value: number): HostTensor => ({
    shape: [1],
    dtype: "f32",
    data: Float32Array.of(value),
  });
  const images = 7;
  const results: Record<string, HostTensor> = {};
  for (let step = 0; step < 3; step++) {
    const outputs = await program.run({
      images: valuesFor(input(`images ${step}`, [images, 11, 10, 1], "u8", "slice")),
      labels: valuesFor(input("labels", [images], "u8", "slice"), 4),
      key: { shape: [3], dtype: "u32", data: Uint32Array.of(5, 1, step) },
      minusLr: scalar(-0.1),
      momentum: scalar(0.9),
      inverseBatch: scalar(1 / images),
      one: scalar(1),
    });
    for (const [name, tensor] of Object.entries(outputs)) results[`${name} of step ${step}`] = tensor;
  }
  for (const { name, type } of nodes) {
    results[name] = { ...type, data: await held.read(name) };
    const moved = (results[name].data as Float32Array).some((value, i) => value !== values[name]!.data[i]);
    assert.ok(moved, `training moves ${name}`);
  }
  return results;
}

/**
 * Values that depend on name and length only; floats lean towards above zero, so that sums do not cancel.
 *
 * @param below - bytes stay below it
 */
function valuesFor(node: InputNode | StateNode, below = 256): HostTensor {
  const { shape, dtype } = node.type;
  const count = sizeOf(shape);
  const seed = [...node.name].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), count);
  const random = new RandomStream(seed, Purpose.draw);
  const uniform = Array.from({ length: count }, (_, i) => random.uniform(i));
  switch (dtype) {
    case "f32":
      if (node.name.startsWith(onesName)) return { shape, dtype, data: new Float32Array(count).fill(1) };
      // Few digits, so that 16 bits hold them and what is largest does not depend on rounding.
      return {
        shape,
        dtype,
        data: Float32Array.from(uniform, (value) => Math.round(384 * value - 128) / 256),
      };
    case "u8":
      return { shape, dtype, data: Uint8Array.from(uniform, (value) => Math.floor(value * below)) };
    case "u32":
      return { shape, dtype, data: Uint32Array.from(uniform, (value) => Math.floor(value * 2 ** 32)) };
    default:
      return dtype satisfies never;
  }
}

function leavesOf(graph: Graph): { readonly inputs: InputNode[]; readonly states: StateNode[] } {
  const order = topologicalOrder(rootsOf(graph));
  return {
    inputs: order.filter((node) => node.kind === "input" && node !== sliceStart) as InputNode[],
    states: order.filter((node) => node.kind === "state"),
  };
}

function compareValues(
  got: Readonly<Record<string, HostTensor>>,
  expected: Readonly<Record<string, HostTensor>>,
  allowed: number,
  what: string,
): void {
  assert.deepEqual(Object.keys(got).sort(), Object.keys(expected).sort(), what);
  for (const [name, { shape, dtype, data }] of Object.entries(expected)) {
    assert.deepEqual(got[name]!.shape, shape, `${what}: shape of ${name}`);
    assert.equal(got[name]!.dtype, dtype, `${what}: type of ${name}`);
    close(got[name]!.data, data, dtype === "f32" ? allowed : 0, `${what}: ${name}`);
  }
}

/** Relative L2 distance; 0 asks for equality. */
function close(got: ArrayLike<number>, want: ArrayLike<number>, allowed: number, what: string): void {
  assert.equal(got.length, want.length, `${what}: length`);
  let [distance, norm] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    distance += (got[i]! - want[i]!) ** 2;
    norm += want[i]! ** 2;
  }
  const relative = distance === 0 ? 0 : Math.sqrt(distance / norm);
  assert.ok(relative <= allowed, `${what}: off by ${relative} relative L2, allowed ${allowed}`);
}

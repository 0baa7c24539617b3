import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { openReference } from "#nin-net/backends/reference/device.js";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { openWebGpu } from "#nin-net/backends/webgpu/device.js";
import { describeSettings } from "#nin-net/core/settings.js";
import { type Graph, input, type Node, type StateNode, state } from "#nin-net/graph/node.js";
import { definePointwise } from "#nin-net/ops/pointwise/pointwise.js";
import { defineOptimizer } from "#nin-net/optim/optimizer.js";
import { createOptimizer, optimizerNames, optimizerSchema, optimizers } from "#nin-net/optim/optimizers.js";
import { noGpu } from "../backends/software-gpu.js";

interface Oracle {
  readonly rates: readonly number[];
  readonly initial: readonly (readonly number[])[];
  readonly gradients: readonly (readonly (readonly number[])[])[];
  readonly optimizers: readonly {
    readonly name: keyof typeof optimizers;
    readonly settings: object;
    readonly weights: readonly (readonly number[])[];
    readonly state: Readonly<Record<string, readonly (readonly number[])[]>>;
  }[];
}

/** By test/oracle/optimizers.py, with PyTorch in float64. */
const oracle = JSON.parse(
  readFileSync(new URL("../../../test/oracle/optimizers.json", import.meta.url), "utf8"),
) as Oracle;
const shapes = [[2, 3], [3], [4, 2]] as const;

const floats = (shape: readonly number[], values: readonly number[]) =>
  ({ shape, dtype: "f32", data: Float32Array.from(values) }) as const;

const withoutGpu = await noGpu();
const devices = [
  // Its states are float64, what goes in and comes out float32.
  { kind: "reference", tolerance: 2e-7, open: () => openReference(), skip: false },
  { kind: "cpu", tolerance: 1e-6, open: () => openWasm({ threads: 2 }), skip: false },
  { kind: "gpu", tolerance: 1e-6, open: () => openWebGpu({ allowSoftware: true }), skip: withoutGpu },
];

for (const { name, settings, weights, state: kept } of oracle.optimizers) {
  for (const { kind, tolerance, open, skip } of devices) {
    test(`three steps of ${name} ${JSON.stringify(settings)} on ${kind} are PyTorch's`, {
      skip,
    }, async () => {
      const optimizer = createOptimizer(optimizerSchema.parse({ name, ...settings }));
      assert.deepEqual([...optimizer.stateNames], Object.keys(kept));
      const trace = (): Graph => {
        const updates = new Map<StateNode, Node>();
        const scalars = Object.fromEntries(
          Object.keys(optimizer.scalars({ lr: 1, step: 0 })).map((each) => [
            each,
            input(each, [1], "f32", "step"),
          ]),
        );
        for (const [i, shape] of shapes.entries()) {
          const weight = state(`w${i}`, shape);
          const own = Object.fromEntries(
            optimizer.stateNames.map((each) => [each, state(`${each}${i}`, shape)]),
          );
          const gradient = input(`g${i}`, shape, "f32", "step");
          const next = optimizer.update({ weight, gradient, state: own, scalars });
          updates.set(weight, next.weight);
          for (const each of optimizer.stateNames) updates.set(own[each]!, next.state[each]!);
        }
        return { outputs: {}, updates };
      };
      using device = await open();
      const zeros = optimizer.stateNames.flatMap((each) =>
        shapes.map(
          (shape, i) =>
            [
              `${each}${i}`,
              floats(
                shape,
                oracle.initial[i]!.map(() => 0),
              ),
            ] as const,
        ),
      );
      const initial = shapes.map((shape, i) => [`w${i}`, floats(shape, oracle.initial[i]!)] as const);
      using held = await device.createState(Object.fromEntries([...initial, ...zeros]));
      using program = device.compile(trace, held);
      for (const [step, gradients] of oracle.gradients.entries()) {
        const scalars = Object.entries(optimizer.scalars({ lr: oracle.rates[step]!, step }));
        await program.run(
          Object.fromEntries([
            ...scalars.map(([each, value]) => [each, floats([1], [value])] as const),
            ...shapes.map((shape, i) => [`g${i}`, floats(shape, gradients[i]!)] as const),
          ]),
        );
      }
      const close = async (name: string, want: readonly number[]) => {
        const got = await held.read(name);
        want.forEach((value, i) => {
          const off = Math.abs(got[i]! - value);
          assert.ok(
            off <= tolerance * Math.max(1, Math.abs(value)),
            `${name}[${i}]: ${got[i]}, PyTorch's ${value}`,
          );
        });
      };
      for (const i of shapes.keys()) {
        await close(`w${i}`, weights[i]!);
        for (const each of optimizer.stateNames) await close(`${each}${i}`, kept[each]![i]!);
      }
    });
  }
}

test("each optimizer of the registry has its own name, a title, and described settings with defaults", () => {
  for (const name of optimizerNames) {
    const { optimizerName, title, settings } = optimizers[name];
    assert.equal(optimizerName, name);
    assert.ok(title.length > 0);
    for (const setting of describeSettings(settings)) {
      assert.ok(setting.description.length > 0, `${name} ${setting.name}`);
      assert.equal(typeof setting.default, setting.kind === "switch" ? "boolean" : "number");
    }
    assert.equal(createOptimizer(optimizerSchema.parse({ name })).name, name);
  }
});

test("a setting that is unknown or out of range is named", () => {
  assert.throws(() => optimizers.sgd({ momentum: 1 }), {
    name: "NinError",
    message:
      /^optimizer sgd setting momentum: got 1, expected a number below 1\. The settings are momentum, nesterov, weightDecay, decayWeightsOnly\.$/,
  });
  assert.throws(() => optimizers.adamw({ beta: 0.9 } as object), {
    name: "NinError",
    message:
      /^optimizer adamw setting beta: there is none of that name\. .* The settings are beta1, beta2, eps, weightDecay, /,
  });
});

test("an optimizer that leaves out what it keeps is refused by the name of that", async () => {
  const { trainGraph } = await import("#nin-net/train/programs.js");
  const { NinNet } = await import("#nin-net/models/nin.js");
  const { DeviceParameters } = await import("#nin-net/nn/trace.js");
  const step = definePointwise("step", (w, g, lr) => w.sub(g.mul(lr)));
  const forgetful = defineOptimizer("forgetful", {
    title: "keeps nothing of what it promised",
    settings: z.strictObject({}),
    stateNames: () => ["velocity"],
    scalars: (_settings, { lr }) => ({ lr }),
    update: ({ weight, gradient, scalars }) => ({ weight: step(weight, gradient, scalars.lr!), state: {} }),
  });
  const net = new NinNet();
  assert.throws(
    () =>
      trainGraph(
        net,
        new DeviceParameters(net),
        1,
        { channels: 1, height: 28, width: 28, preprocessing: { resize: [67, 67], mean: null, std: null } },
        forgetful(),
      ),
    {
      message:
        'optimizer forgetful: the update gives no new value of "velocity", expected one for each of velocity. ' +
        "Return it, or leave it out of stateNames.",
    },
  );
});

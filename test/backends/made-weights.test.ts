import assert from "node:assert/strict";
import { test } from "node:test";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { input, state } from "#nin-net/graph/node.js";
import { linear } from "#nin-net/ops/composites/linear.js";

for (const threads of [1, 2]) {
  test(`a matrix multiplied by itself is multiplied whole, with ${threads} threads`, async () => {
    using device = await openWasm({ threads });
    const fourth = state("fourth", [2, 2]);
    const zeros = { shape: [2, 2], dtype: "f32", data: new Float32Array(4) } as const;
    using held = await device.createState({ fourth: zeros });
    using program = device.compile(() => {
      const x = input("x", [2, 2], "f32", "step");
      const product = linear(x, x);
      // The product is rows and weights at once: it must be packed as weights after it was made and before it is used.
      return { outputs: {}, updates: new Map([[fourth, linear(product, product)]]) };
    }, held);
    await program.run({ x: { ...zeros, data: Float32Array.of(1, 2, 3, 4) } });
    assert.deepEqual([...(await held.read("fourth"))], [199, 290, 435, 634]);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import { Purpose, RandomStream } from "#nin-net/core/random.js";
import { type Graph, input, type Node } from "#nin-net/graph/node.js";
import { SmallNin } from "#nin-net/models/nin-small.js";
import { DeviceParameters } from "#nin-net/nn/trace.js";
import { ops } from "#nin-net/ops/ops.js";
import { definePointwise } from "#nin-net/ops/pointwise/pointwise.js";
import { sgd } from "#nin-net/optim/sgd.js";
import { fusePointwise } from "#nin-net/passes/fuse-pointwise.js";
import { trainGraph } from "#nin-net/train/programs.js";
import { kernelsOf } from "./lowered.js";

const [height, width, channels] = [9, 7, 21] as const;

const squaredDistance = definePointwise("squaredDistance", (x, mean) => x.sub(mean).mul(x.sub(mean)));

/** The sums of batch normalization, the mean a `share` of the first. */
function moments(images: number, share = 1 / (images * height * width)): Graph {
  const x = input("x", [images, height, width, channels], "f32", "slice");
  const sum = ops.sumPixels(x);
  const mean = definePointwise("mean", (total) => total.mul(share))(sum);
  const squares = ops.sumPixels(squaredDistance(x, mean));
  const outputs = { sum: ops.sumSlices(sum) as Node, squares: ops.sumSlices(squares) as Node };
  return { outputs, updates: new Map() };
}

test("squared distances are summed with the values if they are those from their mean", () => {
  for (const graph of [moments(3), fusePointwise(moments(3))]) {
    const kernels = kernelsOf(graph, 3).flat();
    assert.ok(kernels.includes("sumMoments"));
    // The mean is one; the distances themselves are not made.
    assert.equal(kernels.filter((kernel) => kernel === "evaluateExpression").length, 1, kernels.join("\n"));
  }
  const others = kernelsOf(fusePointwise(moments(3, 1 / 64)), 3).flat();
  assert.ok(!others.includes("sumMoments") && others.includes("sumExpression"), others.join("\n"));
});

test("a network's batch normalizations take one sweep each for their statistics", () => {
  const net = new SmallNin({ widths: [4, 4, 4] });
  const images = {
    channels: 1,
    height: 28,
    width: 28,
    preprocessing: { resize: null, mean: null, std: null },
  };
  const layers = Object.keys(net.stateDict()).filter((name) => name.endsWith("running_mean"));
  const graph = fusePointwise(trainGraph(net, new DeviceParameters(net), 3, images, sgd()));
  const kernels = kernelsOf(graph, 3).flat();
  assert.equal(kernels.filter((kernel) => kernel === "sumMoments").length, layers.length);
});

// Of 8 and 40 images the rows of sums are uneven, of 64 all are whole.
for (const images of [2, 3, 8, 40, 64]) {
  test(`sums and squared distances of ${images} images up to 700 deviations from 0, on any number of threads`, async () => {
    const pixels = images * height * width;
    const stream = new RandomStream(images, Purpose.draw);
    const data = Float32Array.from(
      { length: pixels * channels },
      (_, i) => 10 * (i % channels) + stream.uniform(i),
    );
    const sums = new Float64Array(channels);
    const squares = new Float64Array(channels);
    data.forEach((value, i) => {
      sums[i % channels]! += value;
    });
    data.forEach((value, i) => {
      squares[i % channels]! += (value - sums[i % channels]! / pixels) ** 2;
    });
    const bits = new Set<string>();
    for (const threads of [1, 2, 3]) {
      using device = await openWasm({ threads });
      using held = await device.createState({});
      using program = device.compile((count) => moments(count), held, { sliceSize: images });
      const x = { shape: [images, height, width, channels], dtype: "f32", data } as const;
      const found = await program.run({ x });
      for (let c = 0; c < channels; c++) {
        const [sum, square] = [found.sum!.data[c]!, found.squares!.data[c]!];
        assert.ok(Math.abs(sum - sums[c]!) < 1e-6 * Math.abs(sums[c]!), `sum ${c}: ${sum}, ${sums[c]}`);
        assert.ok(
          Math.abs(square - squares[c]!) < 1e-4 * squares[c]!,
          `square ${c}: ${square}, ${squares[c]}`,
        );
      }
      bits.add(Buffer.from((found.squares!.data as Float32Array).buffer).toString("hex"));
    }
    assert.equal(bits.size, 1);
  });
}

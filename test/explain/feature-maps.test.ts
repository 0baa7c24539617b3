import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { NinError } from "#nin-net/core/errors.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { featureMaps, findLayer } from "#nin-net/explain/feature-maps.js";
import { firstFilters } from "#nin-net/explain/filters.js";
import { NinNet } from "#nin-net/models/nin.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";

const net = new NinNet();

const names: readonly (readonly [name: string, path: string, kind: string])[] = [
  ["0", "0", "Sequential"],
  ["2.0", "2.0", "Conv2d"],
  ["model.7.4", "7.4", "Conv2d"],
  ["-1", "9", "Flatten"],
  ["-3.-1", "7.5", "ReLU"],
  ["Dropout", "6", "Dropout"],
  ["adaptiveavgpool2d", "8", "AdaptiveAvgPool2d"],
];
for (const [name, path, kind] of names) {
  test(`finds layer ${name}`, () => {
    const found = findLayer(net, name);
    assert.deepEqual([found.path, found.layer.kind], [path, kind]);
  });
}

test("what comes before a layer is all that the network does before it", () => {
  const { upTo, layer } = findLayer(net, "4.2");
  assert.equal(upTo.layers.at(-1), layer);
  assert.deepEqual(upTo.outputShape([1, 1, 224, 224]), [1, 384, 12, 12]);
});

for (const name of ["10", "-11", "2.6", "0.0.0", "Conv2d", "conv", "", "2.", "1e0"]) {
  test(`there is no layer ${JSON.stringify(name)}`, () => {
    assert.throws(() => findLayer(net, name), {
      name: NinError.name,
      message:
        /^layer ".*": (?:there is none|12 layers are of this kind), expected the index of one of 0 Sequential, .*, 9 Flatten, or one inside, such as 0\.0\.$/,
    });
  });
}

test("runs the network up to a layer", async () => {
  const conv = new Conv2d(1, 1, 1);
  conv.weight.data = Float32Array.of(2);
  conv.bias!.data = Float32Array.of(-3);
  const small = new Sequential(new Sequential(conv, new ReLU()), new Flatten());
  const x = new Tensor([1, 1, 1, 3], Float32Array.of(1, 2, 3));
  const device = openReference();
  const run = async (name: string) => await featureMaps(findLayer(small, name), x, { device });
  assert.deepEqual([...(await run("0.0")).data], [-1, 1, 3]);
  assert.deepEqual([...(await run("0.1")).data], [0, 1, 3]);
  assert.deepEqual((await run("Flatten")).shape, [1, 3]);
});

test("the first layer's filters are the first convolution's kernels", () => {
  const filters = firstFilters(net);
  assert.deepEqual(filters.shape, [96, 11, 11]);
  assert.deepEqual(filters.data, net.stateDict()["model.0.0.weight"]!.data);
  assert.throws(() => firstFilters(new ReLU()), NinError);
});

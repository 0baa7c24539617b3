import assert from "node:assert/strict";
import { test } from "node:test";
import { networkFacts } from "#nin-cli/compare/network-facts.js";
import { NinNet } from "#nin-net/models/nin.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";

test("Network in Network: the published figures, and nothing fully connected", () => {
  assert.deepEqual(networkFacts(new NinNet(), [1, 224, 224]), {
    parameters: 1_992_166,
    multiplyAdds: 762_297_352,
    fullyConnected: { layers: 0, parameters: 0 },
  });
});

test("fully connected layers are counted, however deep they lie", () => {
  const net = new Sequential(
    new Conv2d(1, 2, 3),
    new Sequential(new Flatten(), new Linear(8, 5)),
    new Linear(5, 3),
  );
  assert.deepEqual(networkFacts(net, [1, 4, 4]), {
    parameters: 20 + 45 + 18, // 2 * 9 + 2, 5 * 8 + 5, 3 * 5 + 3
    multiplyAdds: 4 * 18 + 40 + 15,
    fullyConnected: { layers: 2, parameters: 63 },
  });
});

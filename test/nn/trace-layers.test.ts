import assert from "node:assert/strict";
import { test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { Tensor } from "#nin-net/core/tensor.js";
import type { Node } from "#nin-net/graph/node.js";
import { Layer } from "#nin-net/nn/layer.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";
import { LayerBuffer } from "#nin-net/nn/parameter.js";
import { summarize } from "#nin-net/nn/summary.js";
import type { TraceContext } from "#nin-net/nn/trace.js";
import { add } from "#nin-net/ops/add.js";

/** x + body(x), and a shortcut convolution where there is one: layers that are not one after the other. */
class Residual extends Layer {
  override readonly kind = "Residual";
  readonly body: Layer;
  readonly shortcut: Layer;

  constructor(body: Layer, shortcut: Layer) {
    super();
    this.body = body;
    this.shortcut = shortcut;
  }

  override get children(): readonly Layer[] {
    return [this.body, this.shortcut];
  }

  override trace(x: Node, context: TraceContext): Node {
    const side = context.layer(this.shortcut, x);
    return add(context.layer(this.body, x), side);
  }
}

const body = () => new Sequential(new Conv2d(2, 3, 3, { padding: 1 }), new ReLU());

test("a layer of layers that branch: shapes, costs and paths of each", () => {
  const net = new Sequential(new Residual(body(), new Conv2d(2, 3, 1)), new ReLU());
  assert.deepEqual(net.outputShape([4, 2, 5, 6]), [4, 3, 5, 6]);
  assert.equal(net.multiplyAdds([4, 2, 5, 6]), 4 * 30 * (54 + 6));
  const [residual] = summarize(net, [4, 2, 5, 6]).children;
  assert.deepEqual(
    residual!.children.map(({ path, kind, outputShape, multiplyAdds }) => [
      path,
      kind,
      outputShape,
      multiplyAdds,
    ]),
    [
      ["0.1", "Conv2d", [4, 3, 5, 6], 4 * 30 * 6],
      ["0.0", "Sequential", [4, 3, 5, 6], 4 * 30 * 54],
    ],
  );
});

test("errors name the innermost layer by its path, and those of ops the layer that called them", () => {
  const wrong = new Sequential(new Residual(body(), new Conv2d(3, 3, 1)));
  assert.throws(() => wrong.outputShape([1, 2, 5, 6]), {
    name: "ShapeError",
    message:
      "Sequential layer 0.1 (Conv2d): got shape [1, 2, 5, 6], expected [N, 3, H, W]. Give images with as many " +
      "channels as the layer takes, or make it with inChannels 2.",
  });
  const unequal = new Sequential(new Residual(body(), new Conv2d(2, 4, 1)));
  assert.throws(() => unequal.outputShape([1, 2, 5, 6]), {
    name: "ShapeError",
    message:
      "Sequential layer 0 (Residual): add: got shape [1, 5, 6, 4], expected [1, 5, 6, 3], the shape of the first " +
      "input. Give both inputs the same shape. Ops take images channels last, [N, H, W, C].",
  });
});

test("what a layer uses and does not list is refused", async () => {
  class Careless extends Layer {
    override readonly kind = "Careless";
    readonly own = new LayerBuffer("own", [3]);
    override trace(_x: Node, context: TraceContext): Node {
      return context.buffer(this.own);
    }
  }
  await assert.rejects(
    new Careless().forward(new Tensor([1, 3], new Float32Array(3)), { device: openReference() }),
    /own is not part of this network\. List it in the layer's parameters or buffers\./,
  );
});

test("a shared buffer is saved once; loading replaces buffers", () => {
  class Counting extends Layer {
    override readonly kind = "Counting";
    readonly count = new LayerBuffer("count", [], 7);
    override get buffers(): readonly LayerBuffer[] {
      return [this.count];
    }
    override trace(x: Node): Node {
      return x;
    }
  }
  const counting = new Counting();
  const net = new Sequential(counting, new Linear(2, 1), counting);
  assert.deepEqual(Object.keys(net.stateDict()), ["0.count", "1.weight", "1.bias"]);
  assert.equal(net.parameterCount, 3);
  assert.deepEqual([...net.stateDict()["0.count"]!.data], [7]);
  net.loadStateDict({ ...net.stateDict(), "0.count": new Tensor([], Float32Array.of(9)) });
  assert.deepEqual([...counting.count.data], [9]);
  const { "0.count": _, ...rest } = net.stateDict();
  assert.throws(
    () => net.loadStateDict(rest),
    /Sequential layer 2 \(Counting\): got no weight named 0\.count/,
  );
});

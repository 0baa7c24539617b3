/** MaxPool2d and AvgPool2d against real PyTorch: strides, padding, windows that reach beyond, gradients, ONNX. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openDevice } from "#nin-net/backends/devices.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { gradients } from "#nin-net/graph/autodiff.js";
import { writeOnnx } from "#nin-net/interop/onnx/write-onnx.js";
import { AvgPool2d } from "#nin-net/nn/layers/avg-pool-2d.js";
import { MaxPool2d } from "#nin-net/nn/layers/max-pool-2d.js";
import { activationFromEngine, activationToEngine } from "#nin-net/nn/layout.js";
import { runOrt } from "../../interop/onnx/ort.js";
import { leaf, run } from "../../ops/run.js";

interface PoolCase {
  readonly layer: "MaxPool2d" | "AvgPool2d";
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly size: readonly [number, number];
  /** Where PyTorch has no window that fits. */
  readonly refused?: true;
  readonly shape: readonly number[];
  readonly y: readonly number[];
  readonly dx: readonly number[];
}

const { cases } = JSON.parse(readFileSync("test/oracle/pooling.json", "utf8")) as { cases: PoolCase[] };
const fitting = cases.filter(({ refused }) => !refused);

function layerOf({ layer, kernelSize, stride, padding, ceilMode, countIncludePad }: PoolCase) {
  return layer === "MaxPool2d"
    ? new MaxPool2d(kernelSize, { stride, padding, ceilMode })
    : new AvgPool2d(kernelSize, { stride, padding, ceilMode, countIncludePad });
}

/** The numbers that test/oracle/pooling.py makes. */
function values(shape: readonly number[], scatter: number): Tensor {
  const count = shape.reduce((a, b) => a * b);
  return new Tensor(
    shape,
    Float32Array.from({ length: count }, (_, i) => ((i * scatter) % 101) / 50.5 - 1),
  );
}

function assertClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length, what);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(actual[i]! - value) < 1e-6, `${what}[${i}]: ${actual[i]}, PyTorch's ${value}`);
  });
}

test("every window is PyTorch's, on the reference and on the CPU", async () => {
  for (const kind of ["reference", "cpu"] as const) {
    using device = await openDevice(kind);
    for (const each of fitting) {
      const layer = layerOf(each);
      const y = await layer.forward(values([1, 2, ...each.size], 37), { device });
      assert.deepEqual(y.shape, each.shape, `${layer} on ${each.size}`);
      assertClose(y.data, each.y, `${layer} on ${each.size}, ${kind}`);
      layer.free();
    }
  }
});

test("every gradient is PyTorch's", () => {
  for (const each of fitting) {
    const inEngine = ({ shape, data }: Tensor) => {
      const [n, c, h, w] = shape as [number, number, number, number];
      return leaf([n, h, w, c], activationToEngine(shape, data));
    };
    const x = inEngine(values([1, 2, ...each.size], 37));
    const y = layerOf(each).trace(x);
    const [dx] = gradients(y, [x], inEngine(values(each.shape, 29)));
    const back = activationFromEngine([1, 2, ...each.size], Float32Array.from(run(dx!)));
    assertClose(back, each.dx, `${layerOf(each)} on ${each.size}`);
  }
});

test("ONNX Runtime pools alike", async () => {
  for (const each of fitting) {
    const layer = layerOf(each);
    const x = values([1, 2, ...each.size], 37);
    const { dims, data } = await runOrt(writeOnnx(layer, { imageShape: [2, ...each.size] }), x.data, x.shape);
    assert.deepEqual(dims, each.shape, `${layer} on ${each.size}`);
    assertClose(data, each.y, `${layer} on ${each.size}`);
  }
});

test("what PyTorch refuses is refused in words", () => {
  const refused = cases.filter((each) => each.refused);
  assert.ok(refused.length > 8);
  for (const each of refused) {
    assert.throws(() => layerOf(each).outputShape([1, 2, ...each.size]), {
      name: "ShapeError",
      message:
        /^(Max|Avg)Pool2d: got shape \[1, 2, 1, 6\], expected images of at least \dx\d pixels for kernel \d/,
    });
  }
});

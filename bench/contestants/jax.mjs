// jax-js in WebAssembly: --task matmul|convolution; one product, or the network's 5x5 convolution of one image
import { defaultDevice, init, lax, numpy as np } from "@jax-js/jax";
import { readOptions, serve, timedFlops } from "./protocol.mjs";

const { task } = readOptions();
await init("wasm");
defaultDevice("wasm");
const product = {
  shapes: [
    [512, 512],
    [512, 512],
  ],
  flops: 2 * 512 ** 3,
  run: (a, b) => np.matmul(a, b),
};
const convolution = {
  shapes: [
    [1, 96, 26, 26],
    [256, 96, 5, 5],
  ],
  flops: 2 * 26 * 26 * 256 * 96 * 5 * 5,
  run: (x, w) => lax.conv(x, w, [1, 1], "SAME"),
};
const { shapes, flops, run } = task === "matmul" ? product : convolution;
const [a, b] = shapes.map((shape) => np.ones(shape));

await serve("jax-js, wasm", () => timedFlops(flops, () => run(a.ref, b.ref).data()));

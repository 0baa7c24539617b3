// jax-js in WebAssembly: --task matmul|convolution; GFLOP/s of one product and of the network's 5x5 convolution
import { defaultDevice, init, lax, numpy as np } from "@jax-js/jax";
import { readOptions, serve } from "./protocol.mjs";

const { task } = readOptions();
await init("wasm");
defaultDevice("wasm");
const sizes = {
  matmul: [
    [512, 512],
    [512, 512],
  ],
  convolution: [
    [1, 96, 26, 26],
    [256, 96, 5, 5],
  ],
}[task];
const [a, b] = sizes.map((shape) => np.ones(shape));
const flops = task === "matmul" ? 2 * 512 ** 3 : 2 * 26 * 26 * 256 * 96 * 25;

await serve(async () => {
  const began = performance.now();
  const y = task === "matmul" ? np.matmul(a.ref, b.ref) : lax.conv(a.ref, b.ref, [1, 1], "SAME");
  await y.data();
  const seconds = (performance.now() - began) / 1000;
  return { gflops: flops / seconds / 1e9, seconds, device: "jax-js, wasm" };
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openReference } from "#nin-net/backends/reference/device.js";
import { describeAdapter, gpuAccess, requestAdapter } from "#nin-net/backends/webgpu/adapter.js";
import { openWebGpu } from "#nin-net/backends/webgpu/device.js";
import { ShaderError } from "#nin-net/backends/webgpu/errors.js";
import { tileFor } from "#nin-net/backends/webgpu/kernels/matrix-product.js";
import { input, state } from "#nin-net/graph/node.js";
import { ops } from "#nin-net/ops/ops.js";
import { noGpu } from "./software-gpu.js";

const skip = await noGpu();

describe("webgpu", { skip }, () => {
  for (const [columns, threadColumns] of [
    [128, 8],
    [96, 8],
    [72, 8],
    [64, 4],
    [12, 4],
  ] as const) {
    test(`large matrix products of ${columns} columns take the large tile and agree with plain loops`, async () => {
      const [images, size, depth] = [3, 130, 5];
      const rows = images * size * size;
      const tile = tileFor(rows, columns);
      assert.deepEqual([tile.rows, tile.threadColumns], [columns > 16 ? 128 : 64, threadColumns]);
      const [x, w] = [wave(rows * depth, 0.7), wave(depth * columns, 1.3)];
      using device = await openWebGpu({ allowSoftware: true });
      using held = await device.createState({ w: { shape: [1, 1, depth, columns], dtype: "f32", data: w } });
      using program = device.compile((n) => {
        const y = ops.conv2d(
          input("x", [n, size, size, depth], "f32", "slice"),
          state("w", [1, 1, depth, columns]),
          {
            stride: 1,
            padding: 0,
          },
        );
        return { outputs: { y }, updates: new Map() };
      }, held);
      const { y } = await program.run({ x: { shape: [images, size, size, depth], dtype: "f32", data: x } });
      let worst = 0;
      for (let at = 0; at < rows * columns; at += 61) {
        const [row, column] = [Math.floor(at / columns), at % columns];
        let sum = 0;
        for (let k = 0; k < depth; k++) sum += x[row * depth + k]! * w[k * columns + column]!;
        worst = Math.max(worst, Math.abs(y!.data[at]! - sum));
      }
      assert.ok(worst < 1e-5, `off by ${worst}`);
    });
  }

  for (const [precision, kept] of [
    ["f32", [1 / 3, -1e-9, 1e9, 0]],
    // Nothing below 6e-8, nothing above 65504, 11 binary digits.
    ["f16", [0.333251953125, 0, 65504, 0]],
  ] as const) {
    test(`activations are kept as ${precision}`, async () => {
      using device = await openWebGpu({ allowSoftware: true, precision });
      using held = await device.createState({});
      const trace = (n: number) => {
        const [x, ones] = ["x", "ones"].map((name) => input(name, [n, 1, 1, 4], "f32", "slice"));
        return { outputs: { y: ops.mul(ops.mul(x!, ones!), ones!) }, updates: new Map() };
      };
      using program = device.compile(trace, held, { without: ["all"] });
      const tensor = (data: readonly number[]) =>
        ({ shape: [1, 1, 1, 4], dtype: "f32", data: Float32Array.from(data) }) as const;
      const { y } = await program.run({ x: tensor([1 / 3, -1e-9, 1e9, 0]), ones: tensor([1, 1, 1, 1]) });
      assert.deepEqual(y!.data.map(Math.abs), Float32Array.from(kept).map(Math.abs));
    });
  }

  test("weights come back bit for bit", async () => {
    const bits = Uint32Array.of(0, 0x80000000, 1, 0x7f7fffff, 0x3f800001, 0x7fc01234, 0xff800000);
    const data = new Float32Array(bits.buffer.slice(0));
    using device = await openWebGpu({ allowSoftware: true });
    using held = await device.createState({ w: { shape: [7], dtype: "f32", data } });
    assert.deepEqual(new Uint32Array((await held.read("w")).buffer), bits);
    await held.write("w", data);
    assert.deepEqual(new Uint32Array((await held.read("w")).buffer), bits);
  });

  test("a kernel that does not compile is shown with the compiler's message", async () => {
    using device = await openWebGpu({ allowSoftware: true });
    const wgsl = "@compute @workgroup_size(1) fn main() { let a: f32 = 1u; }";
    await assert.rejects(device.pipelines.get(wgsl), (error: ShaderError) => {
      assert.ok(error instanceof ShaderError);
      assert.equal(error.wgsl, wgsl);
      assert.match(error.message, /^A GPU kernel does not compile: line 1: .*u32.*\n@compute/);
      return true;
    });
  });

  test("what runs on a lost GPU is refused and says so", async () => {
    const device = await openWebGpu({ allowSoftware: true });
    const held = await device.createState({ w: { shape: [1], dtype: "f32", data: new Float32Array(1) } });
    device.gpu.destroy();
    await device.gpu.lost;
    const lost = { name: "DeviceLostError", message: /^The GPU was lost: .*last checkpoint\.$/ };
    await assert.rejects(held.read("w"), lost);
    await assert.rejects(device.createState({}), lost);
    device[Symbol.dispose]();
  });

  test("a run that is under way when the GPU is lost fails at once", async () => {
    const device = await openWebGpu({ allowSoftware: true });
    const held = await device.createState({});
    const trace = (n: number) => ({
      outputs: { y: ops.relu(input("x", [n, 2], "f32", "slice")) },
      updates: new Map(),
    });
    const program = device.compile(trace, held);
    const x = { shape: [3, 2], dtype: "f32", data: new Float32Array(6) } as const;
    await program.run({ x });
    const running = program.run({ x });
    device.gpu.destroy();
    await assert.rejects(running, { name: "DeviceLostError" });
    await assert.rejects(program.run({ x }), { name: "DeviceLostError" });
    device[Symbol.dispose]();
  });

  test("refuses images that no buffer holds, and says how much one needs", async () => {
    using device = await openWebGpu({ allowSoftware: true });
    using held = await device.createState({});
    const side = Math.ceil(Math.sqrt(device.memory.largest / 4)) + 1;
    const trace = (n: number) => {
      const x = input("x", [n, 1], "f32", "slice");
      const wide = ops.expand(ops.sumAll(x), input("like", [n, 1, side, side], "u8", "slice"));
      return { outputs: { y: ops.sumSlices(ops.sumAll(wide)) }, updates: new Map() };
    };
    using program = device.compile(trace, held, { sliceSize: 1 });
    const like = { shape: [1, 1, side, side], dtype: "u8", data: new Uint8Array(side * side) } as const;
    const x = { shape: [1, 1], dtype: "f32", data: new Float32Array(1) } as const;
    await assert.rejects(program.run({ x, like }), {
      name: "GpuMemoryError",
      message:
        /^The GPU takes tensors of [\d,]+ MiB at most, and one image needs one of [\d,]+ MiB\. Use smaller images\. /,
    });
  });

  test("the state of another device is refused", async () => {
    using device = await openWebGpu({ allowSoftware: true });
    using other = openReference();
    using held = await other.createState({});
    assert.throws(() => device.compile(() => ({ outputs: {}, updates: new Map() }), held), {
      message: /^compile: got the state of another device/,
    });
  });
});

const real = !process.env.VK_ICD_FILENAMES?.includes("swiftshader") && "there may be a real GPU here";
test("a software adapter is refused unless it is allowed", { skip: skip || real }, async () => {
  await assert.rejects(openWebGpu(), { name: "NinError", message: /^There is no GPU/ });
  const access = await gpuAccess({ allowSoftware: true });
  const refusal = {
    name: "NinError",
    message: /^There is no GPU, only .*swiftshader, which runs on the CPU\./,
  };
  await assert.rejects(requestAdapter(access, {}), refusal);
});

test("an adapter is named by its card where that is told", () => {
  const nameOf = (info: Partial<GPUAdapterInfo>) => {
    const all = { vendor: "", architecture: "", device: "", description: "", ...info };
    return describeAdapter({ info: all, features: new Set(), limits: {} } as unknown as GPUAdapter).name;
  };
  assert.equal(nameOf({ vendor: "nvidia", device: "nvidia-h100-80gb-hbm3" }), "nvidia h100-80gb-hbm3");
  assert.equal(nameOf({ device: "h100-80gb-hbm3" }), "h100-80gb-hbm3");
  assert.equal(nameOf({ vendor: "apple", architecture: "metal-3" }), "apple metal-3");
  assert.equal(
    nameOf({ vendor: "google", architecture: "swiftshader", device: "swiftshader-device-subzero-" }),
    "google swiftshader",
  );
  assert.equal(nameOf({ description: "a driver" }), "a driver");
});

/** Values in -1..1 that do not repeat soon. */
function wave(length: number, step: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * step + step));
}

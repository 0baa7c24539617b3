import assert from "node:assert/strict";
import { test } from "node:test";
import { openDevice } from "#nin-net/backends/devices.js";
import type { Preprocessing } from "#nin-net/core/image-spec.js";
import { preprocessImages } from "#nin-net/data/preprocess-images.js";
import { type Graph, input } from "#nin-net/graph/node.js";
import { preprocess, preprocessingInputs } from "#nin-net/ops/composites/preprocess.js";

const image = { channels: 3, height: 3, width: 5 };
const pixels = Uint8Array.from({ length: 2 * 3 * 5 * 3 }, (_, i) => (i * 7919) % 251);

/** [N, height, width, C] on a device. */
async function onDevice(kind: "cpu" | "reference", preprocessing: Preprocessing): Promise<Float32Array> {
  const trace = (count: number): Graph => {
    const x = input("pixels", [count, image.height, image.width, image.channels], "u8", "slice");
    return { outputs: { y: preprocess(x, preprocessing) }, updates: new Map() };
  };
  using device = await openDevice(kind);
  using state = await device.createState({});
  using program = device.compile(trace, state);
  const inputs = {
    pixels: { shape: [2, image.height, image.width, image.channels], dtype: "u8", data: pixels },
    ...preprocessingInputs(preprocessing),
  } as const;
  return (await program.run(inputs)).y!.data as Float32Array;
}

test("by hand: resized halfway between two pixels, then (x - mean) / std of each channel", async () => {
  const preprocessing: Preprocessing = { resize: null, mean: [0.5, 0, 0.25], std: [0.5, 1, 0.25] };
  const y = await onDevice("reference", preprocessing);
  const expected = [(pixels[0]! / 255 - 0.5) / 0.5, pixels[1]! / 255, (pixels[2]! / 255 - 0.25) / 0.25];
  for (const [c, value] of expected.entries()) assert.ok(Math.abs(y[c]! - value) < 1e-6);
  const halved = preprocessImages(
    Uint8Array.of(0, 255),
    { channels: 1, height: 1, width: 2 },
    {
      resize: [1, 1],
      mean: [0.25],
      std: [0.125],
    },
  );
  assert.deepEqual([...halved], [2]);
});

test("normalising before the resize gives what PyTorch's order gives, on every size and device", async () => {
  const sizes = [null, [3, 5], [6, 10], [7, 4], [2, 11]] as const;
  for (const resize of sizes) {
    const normalised = { resize, mean: [0.1, 0.5, 0.7], std: [0.2, 0.9, 0.3] };
    const { mean, std } = normalised;
    const [height, width] = resize ?? [image.height, image.width];
    const plain = preprocessImages(pixels, image, { resize, mean: null, std: null });
    const after = plain.map((value, i) => {
      const c = Math.floor(i / (height * width)) % 3;
      return (value - mean[c]!) / std[c]!;
    });
    const eager = preprocessImages(pixels, image, normalised);
    for (const kind of ["cpu", "reference"] as const) {
      const y = await onDevice(kind, normalised);
      for (let i = 0; i < after.length; i++) {
        const plane = Math.floor(i / (height * width));
        const at = (Math.floor(plane / 3) * height * width + (i % (height * width))) * 3 + (plane % 3);
        assert.ok(
          Math.abs(y[at]! - after[i]!) < 2e-6,
          `${kind} ${resize} ${i}: ${y[at]} instead of ${after[i]}`,
        );
        assert.ok(Math.abs(eager[i]! - after[i]!) < 2e-6, `eager ${resize} ${i}`);
      }
    }
  }
});

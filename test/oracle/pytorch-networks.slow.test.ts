/** The series' networks and the paper's for CIFAR-10, forward and step for step equal to PyTorch, and to ONNX Runtime. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { HostTensor } from "#nin-net/backends/backend.js";
import { openDevice } from "#nin-net/backends/devices.js";
import { openReference } from "#nin-net/backends/reference/device.js";
import { Purpose, RandomStream } from "#nin-net/core/random.js";
import { ImageBatch } from "#nin-net/data/image-batch.js";
import { loadWeights } from "#nin-net/interop/load-weights-node.js";
import { writeOnnx } from "#nin-net/interop/onnx/write-onnx.js";
import { readSafetensors, writeSafetensors } from "#nin-net/interop/safetensors.js";
import { createModel, type ModelName, models } from "#nin-net/models/models.js";
import type { Layer } from "#nin-net/nn/layer.js";
import { weightFromEngine } from "#nin-net/nn/layout.js";
import type { Parameter } from "#nin-net/nn/parameter.js";
import { DeviceParameters } from "#nin-net/nn/trace.js";
import { batchInputs } from "#nin-net/train/programs.js";
import { Session } from "#nin-net/train/session.js";
import { runOrt } from "../interop/onnx/ort.js";
import { gradientsAndStep } from "./gradients-and-step.js";

/** Debian's, where `python3-torch` is. */
const python = "/usr/bin/python3";
const hasTorch = spawnSync(python, ["-c", "import torch"]).status === 0;
const skip = hasTorch ? false : `${python} has no PyTorch (Debian: apt-get install python3-torch)`;

interface NetworkCase {
  readonly net: ModelName;
  readonly norm?: "batch";
  readonly channels: number;
  /** Pixels that it is made for. */
  readonly size: number;
  /** For the steps in float64, whose plain loops take long: the same layers over fewer pixels. */
  readonly smallSize: number;
  readonly batchSize: number;
}

const steps = 3;
const classes = 10;
/** Of VGG as the registry makes it. */
const ratio = 4;
const cases: readonly NetworkCase[] = [
  { net: "lenet", channels: 1, size: 28, smallSize: 28, batchSize: 8 },
  { net: "alexnet", channels: 1, size: 224, smallSize: 81, batchSize: 2 },
  { net: "vgg", channels: 1, size: 224, smallSize: 64, batchSize: 2 },
  { net: "nin-cifar", channels: 3, size: 32, smallSize: 16, batchSize: 4 },
  { net: "nin-cifar", norm: "batch", channels: 3, size: 32, smallSize: 16, batchSize: 4 },
];

type Sized = Omit<NetworkCase, "smallSize">;

function networkOf({ net, channels, size, norm }: Sized): Layer {
  const options = {
    ...("dropout" in models[net].options.shape && { dropout: 0 }),
    ...(norm && { norm }),
  };
  return createModel(net, { channels, classes, size: [size, size] }, { seed: 5, ...options });
}

/** Smooth blobs: noise alone makes all images alike to a network of many layers. */
function imagesOf(step: number, { channels, size, batchSize }: Sized): ImageBatch {
  const random = new RandomStream(7, Purpose.draw, step);
  const pixels = new Uint8Array(batchSize * channels * size * size);
  for (let plane = 0; plane < batchSize * channels; plane++) {
    const [x, y, width] = [0, 1, 2].map((k) => size * (0.2 + 0.6 * random.uniform(3 * plane + k)));
    for (let i = 0; i < size * size; i++) {
      const [dx, dy] = [(i % size) - x!, Math.floor(i / size) - y!];
      const wave = 0.5 + 0.5 * Math.cos((0.4 + plane / 7) * dx) * Math.cos(0.3 * dy);
      const at = (Math.floor(plane / channels) * size * size + i) * channels + (plane % channels);
      pixels[at] = 255 * wave * Math.exp(-(dx * dx + dy * dy) / width! ** 2);
    }
  }
  return new ImageBatch(pixels, { channels, height: size, width: size }, {});
}

const labelsOf = (step: number, { batchSize }: Sized) =>
  Uint8Array.from({ length: batchSize }, (_, i) => (3 * i + 4 * step) % classes);

/** Runs the case in PyTorch, from the network's weights. @returns the results of a file; dispose of it at the end */
function inPyTorch(each: Sized, net: Layer, steps: number) {
  const folder = mkdtempSync(join(tmpdir(), "nin-pytorch-"));
  const { lr } = models[each.net].recipe;
  const settings = { ratio, norm: "none", ...each, steps, lr };
  writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
  writeFileSync(join(folder, "weights.safetensors"), writeSafetensors(net.stateDict()));
  for (let step = 0; step < steps; step++) {
    writeFileSync(join(folder, `images.${step}.bin`), imagesOf(step, each).pixels);
    writeFileSync(join(folder, `labels.${step}.bin`), labelsOf(step, each));
  }
  const script = join("test", "oracle", "pytorch-networks.py");
  const { status, stderr } = spawnSync(python, [script, folder], { encoding: "utf8" });
  const results = (file: string) =>
    readSafetensors(readFileSync(join(folder, `${file}.safetensors`))).tensors;
  const end = () => rmSync(folder, { recursive: true });
  if (status !== 0) end();
  assert.equal(status, 0, stderr);
  return { folder, lr, results, [Symbol.dispose]: end };
}

/** The parameters whose gradients can be compared: a bias before a batch normalization has none but for rounding. */
function compared(net: Layer, { norm }: Sized): [name: string, parameter: Parameter][] {
  const isBeforeNorm = (name: string) => norm !== undefined && /^model\.\d\.[036]\.bias$/.test(name);
  return net.namedParameters().filter(([name]) => !isBeforeNorm(name));
}

/** |a - b| / |b| over all values is below the tolerance. */
function assertClose(a: ArrayLike<number>, b: Float32Array, tolerance: number, what: string): void {
  assert.equal(a.length, b.length, what);
  let difference = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  const off = Math.sqrt(difference / size);
  assert.ok(off < tolerance, `${what} is off by ${off} relative L2`);
}

function assertLogits(a: ArrayLike<number>, b: Float32Array, what: string): void {
  assert.equal(a.length, b.length, what);
  b.forEach((value, i) => {
    const off = Math.abs(a[i]! - value);
    assert.ok(off < 1e-4, `${what}: logit ${i} ${a[i]}, PyTorch's ${value}`);
  });
}

for (const { smallSize, ...each } of cases) {
  describe(`${each.net}${each.norm ? ` with norm ${each.norm}` : ""}`, { skip }, () => {
    test("scores in float32, of weights by torch.save and of an ONNX model too; gradients beside those in float64", async () => {
      const net = networkOf(each);
      // Scores come in float32, gradients in float64: in float32 the processor decides in which order PyTorch adds, and
      // so on which side of a ReLU's zero a value falls that is all but zero.
      using pytorch = inPyTorch(each, net, 1);
      const [images, labels] = [imagesOf(0, each), labelsOf(0, each)];
      const { logits } = pytorch.results("evaluated");

      using cpu = await openDevice("cpu");
      using session = await Session.open(net, cpu);
      assertLogits((await session.evaluate(images, labels)).logits, logits!.data, "on the CPU");
      const imageShape = [each.channels, each.size, each.size] as const;
      const { data } = await runOrt(writeOnnx(net, { imageShape }), images.data, images.shape);
      assertLogits(data, logits!.data, "ONNX Runtime's");
      const loaded = networkOf(each);
      loaded.loadStateDict(await loadWeights(join(pytorch.folder, "net.pt")));
      for (const [name, { data }] of Object.entries(net.stateDict())) {
        assert.ok(
          Buffer.from(data.buffer).equals(Buffer.from(loaded.stateDict()[name]!.data.buffer)),
          `${name} is not what torch.save wrote`,
        );
      }

      const expected = pytorch.results("step.0");
      const { gradients } = await session.gradients(images, labels, { seed: 0, epoch: 0, step: 0 });
      for (const [name, { shape }] of compared(net, each)) {
        const gradient = weightFromEngine(shape, gradients.get(name)!);
        assertClose(gradient, expected[`grad.${name}`]!.data, 1e-3, `gradient of ${name}`);
      }
    });

    test("three SGD steps in float64: loss, scores, every gradient, the weights", async () => {
      const small = { ...each, size: smallSize };
      const net = networkOf(small);
      const initial = net.stateDict();
      using pytorch = inPyTorch(small, net, steps);

      const parameters = new DeviceParameters(net);
      using device = openReference();
      using state = await device.createState(parameters.values());
      const graph = (count: number) => gradientsAndStep(net, parameters, count, imagesOf(0, small));
      using program = device.compile(graph, state);
      for (let step = 0; step < steps; step++) {
        const expected = pytorch.results(`step.${step}`);
        const labels = labelsOf(step, small);
        const { randomKey: _, ...given } = batchInputs(imagesOf(step, small), labels, {
          seed: 0,
          epoch: 0,
          step,
        });
        const minusLearningRate: HostTensor = {
          shape: [1],
          dtype: "f32",
          data: Float32Array.of(-pytorch.lr),
        };
        const found = await program.run({ ...given, minusLearningRate });
        const where = `step ${step}: `;
        assertClose([found.lossSum!.data[0]! / labels.length], expected.loss!.data, 1e-6, `${where}loss`);
        assertClose(found.logits!.data, expected.logits!.data, 1e-6, `${where}scores`);
        for (const [name, { shape }] of compared(net, each)) {
          const gradient = weightFromEngine(shape, found[name]!.data as Float32Array);
          assertClose(gradient, expected[`grad.${name}`]!.data, 1e-6, `${where}gradient of ${name}`);
        }
      }
      await parameters.pull(state);
      const final = pytorch.results("final");
      for (const [name, { data }] of net.namedParameters()) {
        assertClose(data, final[name]!.data, 1e-6, `${name} after three steps`);
        if (name.endsWith("weight"))
          assert.notDeepEqual(data, initial[name]!.data, `${name} has not changed`);
      }
    });
  });
}

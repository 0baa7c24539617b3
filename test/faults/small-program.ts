import type { Device, DeviceState, HostTensor, Program } from "#nin-net/backends/backend.js";
import { sizeOf } from "#nin-net/graph/node.js";
import { stepState, trainingStep } from "../backends/small-step.js";

/** A whole training step of a small network on a device, and its state. */
export interface SmallProgram extends Disposable {
  readonly program: Program;
  readonly state: DeviceState;
  /** Inputs of a batch of this many images. */
  batch(images: number): Readonly<Record<string, HostTensor>>;
}

export async function smallProgram(device: Device, sliceSize = 2): Promise<SmallProgram> {
  const values = Object.entries(stepState).map(([name, shape], i) => [
    name,
    {
      shape,
      dtype: "f32",
      data: Float32Array.from({ length: sizeOf(shape) }, (_, at) => Math.sin(at + i) / 4),
    },
  ]);
  const state = await device.createState(Object.fromEntries(values) as Record<string, HostTensor>);
  const program = device.compile(trainingStep, state, { sliceSize });
  return {
    program,
    state,
    batch,
    [Symbol.dispose]() {
      program[Symbol.dispose]();
      state[Symbol.dispose]();
    },
  };
}

function batch(images: number): Readonly<Record<string, HostTensor>> {
  const scalar = (value: number): HostTensor => ({ shape: [1], dtype: "f32", data: Float32Array.of(value) });
  return {
    images: {
      shape: [images, 11, 10, 1],
      dtype: "u8",
      data: Uint8Array.from({ length: images * 110 }, (_, i) => (i * 37) % 256),
    },
    labels: { shape: [images], dtype: "u8", data: Uint8Array.from({ length: images }, (_, i) => i % 4) },
    key: { shape: [3], dtype: "u32", data: Uint32Array.of(1, 2, 3) },
    minusLr: scalar(-0.01),
    momentum: scalar(0.9),
    inverseBatch: scalar(1 / images),
    one: scalar(1),
  };
}

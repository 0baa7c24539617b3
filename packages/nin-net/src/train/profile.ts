/** Where the time of a training step or a forward pass goes. */
import type { CompileOptions, Device, ProfileRow, Program } from "../backends/backend.ts";
import { NinError } from "../core/errors.ts";
import type { Graph } from "../graph/node.ts";
import type { Layer } from "../nn/layer.ts";
import { DeviceParameters } from "../nn/trace.ts";
import { sgd } from "../optim/sgd.ts";
import { anyRank, type Communicator, soloCommunicator } from "../ranks/communicator.ts";
import {
  batchInputs,
  classCount,
  evaluationGraph,
  type ImageInput,
  scalarInputs,
  trainGraph,
} from "./programs.ts";

/** `train`: one step of gradient descent; `forward`: scores and loss in evaluation mode. */
export type ProfileTask = "train" | "forward";

/** What {@link profile} measures. */
export interface ProfileOptions {
  /** A training step or a forward pass. */
  readonly task: ProfileTask;
  /** Images a run. */
  readonly batchSize: number;
  /** The images, as stored, and how the network sees them. */
  readonly images: ImageInput;
  /** Names of the rewriting passes to leave out; default none. */
  readonly without?: readonly string[] | undefined;
  /** Runs that are measured, after the warm-up; the median one is returned. Default 3. */
  readonly rounds?: number | undefined;
  /** Runs at least this long before it measures: engines first run unoptimised code. Default 1. */
  readonly warmUpSeconds?: number | undefined;
  /** The ranks that share each batch; default: one process. */
  readonly communicator?: Communicator | undefined;
}

/** One measured run. */
export interface Profile {
  /** Images of the run. */
  readonly images: number;
  /** Of the whole run, from the call to the result. */
  readonly seconds: number;
  /** Of them, what this rank spent in exchanges with the others, waiting for them included; left out for one process. */
  readonly exchangeSeconds?: number;
  /** One for each instruction, in the order in which they were compiled; of several ranks this one's. */
  readonly rows: readonly ProfileRow[];
}

/** The rows of one op and kernel, taken together. */
export interface ProfileTotal {
  /** Undefined where data is only moved or cleared. */
  readonly op: string | undefined;
  /** What ran. */
  readonly kernel: string;
  /** How many instructions they are of. */
  readonly instructions: number;
  /** Of all of them together. */
  readonly seconds: number;
  /** Floating point operations, as the op defines them. */
  readonly flops: number;
  /** Bytes of the tensors read and written. */
  readonly bytes: number;
}

/**
 * Measures runs of the program that training or evaluation compiles for this network, on noise: what the images show
 * does not change the work.
 *
 * @throws ShapeError if the network cannot take the images
 * @throws NinError if the device cannot tell where its time goes, or a pass to leave out does not exist
 */
export async function profile(net: Layer, device: Device, options: ProfileOptions): Promise<Profile> {
  const { task, batchSize, images, without = [], rounds = 3, warmUpSeconds = 1 } = options;
  const { communicator = soloCommunicator } = options;
  const classes = classCount(net, images);
  const parameters = new DeviceParameters(net);
  const optimizer = sgd();
  const trace = (count: number): Graph =>
    task === "train"
      ? trainGraph(net, parameters, count, images, optimizer)
      : evaluationGraph(net, parameters, count, images);

  const pixels = Uint8Array.from(
    { length: batchSize * images.height * images.width * images.channels },
    (_, i) => (i * 7919) % 251,
  );
  const labels = Uint16Array.from({ length: batchSize }, (_, i) => i % classes);
  const batch = { ...images, pixels, shape: [], data: new Float32Array() };
  const given = {
    ...batchInputs(batch, labels, { seed: 0, epoch: 0, step: 0 }),
    ...scalarInputs(optimizer.scalars({ lr: 0.01, step: 0 })),
  };

  using state = await device.createState(parameters.values());
  const compileOptions: CompileOptions = { without, communicator };
  using program = device.compile(trace, state, compileOptions);
  const inputs = Object.fromEntries(Object.entries(given).filter(([name]) => program.inputs.has(name)));
  const { profile: measure } = profiled(program, device);

  const began = performance.now();
  do await program.run(inputs);
  while (await anyRank(communicator, performance.now() - began < 1000 * warmUpSeconds));
  const measured: Profile[] = [];
  for (let round = 0; round < rounds; round++) {
    const [start, exchangedBefore] = [performance.now(), communicator.seconds];
    const rows = await measure.call(program, inputs);
    measured.push({
      images: batchSize,
      seconds: (performance.now() - start) / 1000,
      ...(communicator.size > 1 && { exchangeSeconds: communicator.seconds - exchangedBefore }),
      rows,
    });
  }
  return measured.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(rounds / 2)]!;
}

function profiled(program: Program, device: Device): { readonly profile: NonNullable<Program["profile"]> } {
  const { profile } = program;
  if (profile) return { profile };
  throw new NinError(
    `profile: got the device ${device.description}, which cannot tell where its time goes. Use the CPU device.`,
  );
}

/** Adds up the rows of each op and kernel; the slowest first. */
export function totals(rows: readonly ProfileRow[]): ProfileTotal[] {
  const groups = new Map<string, ProfileTotal>();
  for (const { op, kernel, seconds, flops, bytes } of rows) {
    const key = `${op} ${kernel}`;
    const so = groups.get(key) ?? { op, kernel, instructions: 0, seconds: 0, flops: 0, bytes: 0 };
    groups.set(key, {
      ...so,
      instructions: so.instructions + 1,
      seconds: so.seconds + seconds,
      flops: so.flops + flops,
      bytes: so.bytes + bytes,
    });
  }
  return [...groups.values()].sort((a, b) => b.seconds - a.seconds);
}

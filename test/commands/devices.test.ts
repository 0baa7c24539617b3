import assert from "node:assert/strict";
import { test } from "node:test";
import { gpuAccess } from "#nin-net/backends/webgpu/adapter.js";
import { gpuEnvironment, noGpu } from "../backends/software-gpu.js";
import { runNin } from "../cli/run-nin.js";

const hasGpu = await gpuAccess().then(
  () => "there may be a real GPU here",
  () => false,
);

test("nin devices says what the CPU makes use of", { skip: hasGpu }, async () => {
  const { status, stdout, stderr } = await runNin(["devices", "--threads", "1", "--simd", "128"]);
  const [gpu, cpu, reference, mpi, , auto] = stdout.split("\n");
  assert.match(gpu!, /^gpu \(not available: There is no GPU.*\)$/);
  assert.match(cpu!, /^cpu \(WebAssembly, .*\b128\b.*\b1 thread\)$/);
  assert.match(reference!, /^reference \(.*float64.*\)$/);
  assert.match(
    mpi!,
    /^mpi \((?:(?:Open MPI|MPICH) [\d.]+, libmpi\S+|not available: There is no MPI library .*)\)$/,
  );
  assert.equal(auto, "--device auto takes cpu.");
  assert.equal(stderr, "");
  assert.equal(status, 0);
});

test("nin devices --json prints an object a device", { skip: hasGpu }, async () => {
  const { stdout } = await runNin(["devices", "--json", "--threads", "2"]);
  const [mpi, ...devices] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .toReversed();
  assert.equal(mpi!.name, "mpi");
  devices.reverse();
  assert.deepEqual(
    devices.map(({ name, auto, available }) => ({ name, auto, available })),
    [
      { name: "gpu", auto: false, available: false },
      { name: "cpu", auto: true, available: true },
      { name: "reference", auto: false, available: true },
    ],
  );
  assert.match(String(devices[1]!.description), /2 threads/);
});

test("nin devices --precision f16 says what a GPU's tensor cores do, of the GPU alone", {
  skip: await noGpu(),
}, async () => {
  const env = { ...gpuEnvironment(), NIN_SOFTWARE_GPU: "1" };
  const { status, stdout, stderr } = await runNin(["devices", "--precision", "f16", "--threads", "1"], {
    env,
  });
  assert.match(stdout, /^gpu \(.*16-bit activations.*\)$/m);
  assert.match(stdout, /^ {2}tensor cores: (?:\d+ x \d+ by \d+ x \d+|not used: \S.*)$/m);
  assert.match(stdout, /^cpu \(WebAssembly, .*\b1 thread\)$/m);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  assert.doesNotMatch((await runNin(["devices", "--threads", "1"], { env })).stdout, /tensor cores/);
});

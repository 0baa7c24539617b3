import assert from "node:assert/strict";
import { test } from "node:test";
import { runNin } from "../run-nin.js";

test("nin devices says what the CPU makes use of", async () => {
  const { status, stdout, stderr } = await runNin(["devices", "--threads", "1", "--simd", "128"]);
  const [cpu, reference, , auto] = stdout.split("\n");
  assert.match(cpu!, /^cpu \(WebAssembly, .*\b128\b.*\b1 thread\)$/);
  assert.match(reference!, /^reference \(.*float64.*\)$/);
  assert.equal(auto, "--device auto takes cpu.");
  assert.equal(stderr, "");
  assert.equal(status, 0);
});

test("nin devices --json prints an object a device", async () => {
  const { stdout } = await runNin(["devices", "--json", "--threads", "2"]);
  const devices = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    devices.map(({ name, auto, available }) => ({ name, auto, available })),
    [
      { name: "cpu", auto: true, available: true },
      { name: "reference", auto: false, available: true },
    ],
  );
  assert.match(String(devices[0]!.description), /2 threads/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { processorName } from "#nin-cli/report/machine.js";

/** As Linux 6 writes it in a virtual machine. */
const info = [
  "processor\t: 0",
  "vendor_id\t: AuthenticAMD",
  "cpu family\t: 25",
  "model\t\t: 1",
  "model name\t: AMD EPYC",
  "stepping\t: 1",
].join("\n");

test("a processor that names only its brand is told by its family and model", () => {
  assert.equal(processorName("AMD EPYC", info), "AMD EPYC (family 25, model 1)");
  assert.equal(processorName("AMD EPYC", ""), "AMD EPYC");
});

test("one that names its model is called by that, one without a name unknown", () => {
  assert.equal(processorName("AMD EPYC 9R14 ", info), "AMD EPYC 9R14");
  assert.equal(processorName("", ""), "unknown processor");
});

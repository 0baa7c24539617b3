import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { unzipSync } from "fflate";
import { Tensor } from "#nin-net/core/tensor.js";
import { writeNpz } from "#nin-net/interop/npz.js";

const tensors = {
  "model.0.0.weight": new Tensor([2, 1, 1, 3], Float32Array.of(1, 2, 3, -4, 0.1, 1e-20)),
  "model.0.0.bias": new Tensor([2], Float32Array.of(-0, 7)),
};

test("each tensor is an .npy file of version 1.0 whose values begin at a multiple of 64", () => {
  const file = unzipSync(writeNpz(tensors))["model.0.0.bias.npy"]!;
  const text = Buffer.from(file).toString("latin1");
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  assert.equal(text.slice(0, 128), `\x93NUMPY\x01\x00\x76\x00${header.padEnd(117)}\n`);
  assert.deepEqual([...new Float32Array(file.slice(128).buffer)], [-0, 7]);
});

test("equal weights make equal files", () => {
  assert.deepEqual(writeNpz(tensors), writeNpz(tensors));
});

const python = "/usr/bin/python3";
const hasNumpy = spawnSync(python, ["-c", "import numpy"]).status === 0;

test("NumPy reads the same tensors", {
  skip: hasNumpy ? false : `${python} has no NumPy (Debian: apt-get install python3-numpy)`,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "nin-npz-"));
  try {
    const file = join(folder, "weights.npz");
    writeFileSync(file, writeNpz(tensors));
    const program =
      "import json, numpy, sys\n" +
      "file = numpy.load(sys.argv[1], allow_pickle=False)\n" +
      "print(json.dumps({name: [str(file[name].dtype), file[name].tolist()] for name in file.files}))";
    const { status, stdout, stderr } = spawnSync(python, ["-c", program, file], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    const f = Math.fround;
    assert.deepEqual(JSON.parse(stdout), {
      "model.0.0.weight": ["float32", [[[[1, 2, 3]]], [[[-4, f(0.1), f(1e-20)]]]]],
      "model.0.0.bias": ["float32", [-0, 7]],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

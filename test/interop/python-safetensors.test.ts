/** Files that Python's safetensors wrote: test/oracle/python-safetensors.py made them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readSafetensors, writeSafetensors } from "#nin-net/interop/safetensors.js";

const folder = join("test", "oracle", "python-safetensors");

type Expected = Record<string, Record<string, { shape: number[]; values: number[] }>>;
const expected = JSON.parse(readFileSync(`${folder}.json`, "utf8")) as Expected;

for (const [name, tensors] of Object.entries(expected)) {
  test(`${name}.safetensors holds what PyTorch put into it`, () => {
    const read = readSafetensors(readFileSync(join(folder, `${name}.safetensors`)));
    assert.deepEqual(Object.keys(read.tensors).sort(), Object.keys(tensors).sort());
    for (const [key, { shape, values }] of Object.entries(tensors)) {
      assert.deepEqual(read.tensors[key]!.shape, shape, key);
      assert.deepEqual([...read.tensors[key]!.data], [...Float32Array.from(values)], key);
    }
    assert.deepEqual(read.metadata, name === "metadata" ? { format: "pt" } : {});
  });
}

test("the same weights and metadata become the same bytes as in Python", () => {
  const theirs = readFileSync(join(folder, "metadata.safetensors"));
  const { tensors, metadata } = readSafetensors(theirs);
  assert.deepEqual(Buffer.from(writeSafetensors(tensors, metadata)), theirs);
});

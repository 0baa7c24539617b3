import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "#nin-net/core/tensor.js";
import { readSafetensors, writeSafetensors } from "#nin-net/interop/safetensors.js";

/** A file made by hand: header length, header, values. */
function file(header: string | object, values: readonly number[] = [], length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + 4 * values.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  values.forEach((value, i) => {
    view.setFloat32(8 + text.length + 4 * i, value, true);
  });
  return bytes;
}

const entry = (shape: unknown, offsets: unknown, dtype: unknown = "F32"): object => ({
  dtype,
  shape,
  data_offsets: offsets,
});

test("reads a file made by hand, tensors in any order, at any place in memory", () => {
  const bytes = file(
    { b: entry([1], [8, 12]), a: entry([2, 1], [0, 8]), __metadata__: { format: "pt" } },
    [1.5, -2, 3],
  );
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  for (const { tensors, metadata } of [readSafetensors(bytes), readSafetensors(shifted.subarray(1))]) {
    assert.deepEqual(metadata, { format: "pt" });
    assert.deepEqual(Object.keys(tensors), ["b", "a"]);
    assert.deepEqual(tensors.a!.shape, [2, 1]);
    assert.deepEqual([...tensors.a!.data], [1.5, -2]);
    assert.deepEqual([...tensors.b!.data], [3]);
  }
});

test("writes what the format says, values at a multiple of eight bytes", () => {
  const bytes = writeSafetensors({ w: new Tensor([2], Float32Array.of(1, -2)) }, { epoch: "3" });
  const view = new DataView(bytes.buffer);
  const length = Number(view.getBigUint64(0, true));
  assert.equal(length % 8, 0);
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  assert.deepEqual(JSON.parse(header), {
    __metadata__: { epoch: "3" },
    w: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
  });
  assert.equal(bytes.length, 8 + length + 8);
  assert.equal(view.getFloat32(8 + length, true), 1);
  assert.equal(view.getFloat32(12 + length, true), -2);
});

test("there and back: names, shapes, values to the bit", () => {
  const tensors = {
    "model.0.0.weight": Tensor.random([3, 1, 2, 2], 4),
    empty: Tensor.zeros([0, 5]),
    scalar: new Tensor([], Float32Array.of(7)),
    __proto__x: new Tensor([3], Float32Array.of(Number.NaN, -0, Infinity)),
  };
  assert.deepEqual(readSafetensors(writeSafetensors(tensors)), { tensors, metadata: {} });
});

test("a name that JavaScript gives a meaning is a name like any other", () => {
  const bytes = file('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', [5]);
  const { tensors } = readSafetensors(bytes);
  assert.deepEqual(Object.keys(tensors), ["__proto__"]);
  assert.equal(({} as Record<string, unknown>).shape, undefined);
});

test("a tensor that is named __proto__ is written like any other", () => {
  const named = Object.fromEntries([["__proto__", new Tensor([1], Float32Array.of(5))]]);
  assert.deepEqual(readSafetensors(writeSafetensors(named)).tensors, named);
});

test("a refusal stays short whatever stands in the header", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const headers: readonly (readonly [string, RegExp])[] = [
    [
      `{"w":{"dtype":"F32","shape":${deep},"data_offsets":[0,4]}}`,
      // How deep an engine can write a list out differs.
      /the shape of w is (?:a list or object too deep|\[{60,80}\.\.\.)/,
    ],
    [`{"w":{"dtype":"${"F".repeat(9999)}"}}`, /w has values of type "F{79}\.\.\., expected F32, /],
    [`{"${"w".repeat(9999)}":3}`, /entry for w{80}\.\.\. is not an object/],
  ];
  for (const [header, message] of headers) {
    assert.throws(() => readSafetensors(file(header)), { name: "DataError", message });
  }
});

test("refuses files cut short anywhere", () => {
  const bytes = writeSafetensors({ w: Tensor.zeros([2, 3]), b: Tensor.zeros([1]) });
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(
      () => readSafetensors(bytes.subarray(0, length)),
      { name: "DataError", message: /^safetensors: .* The file is damaged or cut short/ },
      `${length} of ${bytes.length} bytes`,
    );
  }
});

const refusals: readonly (readonly [what: string, bytes: Uint8Array, message: RegExp])[] = [
  [
    "a header longer than the file",
    file({}, [], 1n << 60n),
    /got a header of 1152921504606846976 bytes in a file of 10/,
  ],
  ["a header that is not JSON", file("nonsense"), /the header is not JSON in UTF-8/],
  ["a header that is a list", file("[]"), /the header is not a JSON object/],
  [
    "metadata that is not text",
    file({ __metadata__: { epoch: 3 } }),
    /__metadata__ is not an object of texts/,
  ],
  ["an entry that is not an object", file({ w: 3 }), /the header's entry for w is not an object/],
  [
    "another type",
    file({ w: entry([1], [0, 4], "I32") }, [0]),
    /w has values of type "I32", expected F32, F64, F16, BF16\. Convert/,
  ],
  ["no type", file({ w: { shape: [1], data_offsets: [0, 4] } }, [0]), /w has values of type undefined/],
  ["a negative length", file({ w: entry([-1], [0, 4]) }, [0]), /the shape of w is \[-1\]/],
  ["a shape that is not a list", file({ w: entry("2", [0, 4]) }, [0]), /the shape of w is "2"/],
  ["offsets that are no pair", file({ w: entry([1], [0]) }, [0]), /the place of w is \[0\]/],
  ["offsets with a fraction", file({ w: entry([1], [0.5, 4.5]) }, [0]), /the place of w is \[0\.5,4\.5\]/],
  ["offsets back to front", file({ w: entry([1], [4, 0]) }, [0]), /w lies at bytes 4 to 0/],
  [
    "offsets beyond the file",
    file({ w: entry([2], [0, 8]) }, [0]),
    /w lies at bytes 0 to 8, expected a place within 4/,
  ],
  [
    "bytes that do not fit the shape",
    file({ w: entry([2], [0, 4]) }, [0]),
    /w has 4 bytes, expected 8 for shape \[2\]/,
  ],
  [
    "a huge shape",
    file({ w: entry([1e9, 1e9], [0, 4]) }, [0]),
    /w has 4 bytes, expected 4000000000000000000/,
  ],
  [
    "tensors that overlap",
    file({ a: entry([2], [0, 8]), b: entry([1], [4, 8]) }, [0, 0]),
    /b starts at byte 4, expected 8, where the tensor before it ends/,
  ],
  [
    "a gap",
    file({ a: entry([1], [0, 4]), b: entry([1], [8, 12]) }, [0, 0, 0]),
    /b starts at byte 8, expected 4/,
  ],
  ["values that no tensor has", file({ a: entry([1], [0, 4]) }, [0, 0]), /got 8 bytes of values, expected 4/],
];

for (const [what, bytes, message] of refusals) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => readSafetensors(bytes),
      (error: Error) => {
        assert.equal(error.name, "DataError");
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test("refuses to write a tensor under the name of the metadata", () => {
  assert.throws(() => writeSafetensors({ __metadata__: Tensor.zeros([1]) }), /cannot be a tensor's name/);
});

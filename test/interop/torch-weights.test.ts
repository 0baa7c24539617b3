/** Files that PyTorch wrote: test/oracle/torch-weights.py made them. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { zipSync } from "fflate";
import { DataError } from "#nin-net/core/errors.js";
import { fitsNetwork } from "#nin-net/interop/match-names.js";
import { readTorchWeights } from "#nin-net/interop/torch-weights.js";
import { Conv2d } from "#nin-net/nn/layers/conv2d.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { ReLU } from "#nin-net/nn/layers/relu.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";

const folder = join("test", "oracle", "torch-weights");
const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));

type Expected = Record<string, Record<string, { shape: number[]; values: (number | string)[] }>>;
const expected = JSON.parse(readFileSync(`${folder}.json`, "utf8")) as Expected;

const infinities: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity };

for (const [file, tensors] of Object.entries(expected)) {
  test(`${file} holds what PyTorch put into it`, () => {
    const actual = readTorchWeights(read(file));
    assert.deepEqual(Object.keys(actual), Object.keys(tensors));
    for (const [name, { shape, values }] of Object.entries(tensors)) {
      assert.deepEqual(actual[name]!.shape, shape, name);
      const numbers = values.map((value) => (typeof value === "string" ? infinities[value]! : value));
      assert.deepEqual([...actual[name]!.data], [...Float32Array.from(numbers)], name);
    }
  });
}

const refused: readonly (readonly [file: string, message: RegExp])[] = [
  [
    "runs-something.pt",
    /^pickle: got (?:posix|os)\.system, expected tensors, .* so that no file can run anything/,
  ],
  [
    "whole-net.pt",
    /^pickle: got torch\.nn\.modules\.container\.Sequential, expected .* save net\.state_dict\(\)/,
  ],
  ["script.pt", /TorchScript program, expected weights/],
  ["integers.pt", /counts is of torch\.LongStorage, expected floating-point numbers/],
  ["checkpoint-without-weights.pt", /a dictionary with "epoch", which is no tensor/],
  ["one-tensor.pt", /got one tensor, expected weights by name/],
];

for (const [file, message] of refused) {
  test(`${file} is refused in one sentence`, () => {
    assert.throws(
      () => readTorchWeights(read(file)),
      (error) => error instanceof DataError && message.test(error.message),
    );
    assert.ok(!existsSync("torch-weights-were-run"));
  });
}

/** The network of `torch-weights.py`. */
function net(outputs = 4): Sequential {
  return new Sequential(
    new Conv2d(2, 3, 2),
    new ReLU(),
    new Flatten(),
    new Linear(3, outputs, { bias: false }),
  );
}

test("of several dictionaries of tensors the one that fits the network is taken, however deep", () => {
  const nested = readTorchWeights(read("nested.pt"), (tensors) => fitsNetwork(tensors, net()));
  const wanted = expected["net-and-acc.pt"]!; // the same state_dict
  assert.deepEqual(Object.keys(nested), Object.keys(wanted));
  for (const [name, { values }] of Object.entries(wanted)) {
    assert.deepEqual([...nested[name]!.data], [...Float32Array.from(values.map(Number))], name);
  }
});

test("where none or several would do, the error names them and says what to give", () => {
  const message = (file: string, outputs?: number) => {
    try {
      readTorchWeights(
        read(file),
        outputs === undefined ? undefined : (tensors) => fitsNetwork(tensors, net(outputs)),
      );
    } catch (error) {
      assert.ok(error instanceof DataError);
      return error.message;
    }
    return assert.fail(`${file} was read`);
  };
  const save = "expected weights by name. Save them by torch.save(net.state_dict(), file).";
  assert.equal(
    message("two-nets.pt", 4),
    `torch.save file: got dictionaries of tensors under "net", "ema", ${save}`,
  );
  assert.equal(
    message("two-nets.pt", 5),
    `torch.save file: got dictionaries of tensors under "net", "ema", "head", ${save}`,
  );
  assert.equal(
    message("nested.pt"),
    `torch.save file: got dictionaries of tensors under "weights.net", "weights.head", ${save}`,
  );
  assert.equal(
    message("no-weights.pt"),
    `torch.save file: got a dictionary with "epoch", which is no tensor (its keys: "epoch", "acc", "args"), ${save}`,
  );
});

test("nothing of the objects beside the weights is run", () => {
  readTorchWeights(read("net-and-acc.pt"));
  readTorchWeights(read("net-and-acc-4.pt"));
  assert.ok(!existsSync("torch-weights-were-run"));
});

test("a file cut short anywhere is refused", () => {
  const whole = read("plain.pt");
  for (let length = 0; length < whole.length; length += 7) {
    assert.throws(() => readTorchWeights(whole.subarray(0, length)), DataError, `${length} bytes`);
  }
});

test("a changed byte never makes more than a DataError or other numbers", () => {
  const whole = read("plain.pt");
  for (let at = 0; at < whole.length; at++) {
    for (const bits of [0x01, 0x80, 0xff]) {
      const changed = whole.slice();
      changed[at]! ^= bits;
      try {
        readTorchWeights(changed);
      } catch (error) {
        assert.ok(error instanceof DataError, `byte ${at}: ${error}`);
      }
    }
  }
});

/** A file with one tensor `w` of the given place in a storage of 4 numbers; Python's text of the pickle is beside it. */
function tensorFile(offset: number, shape: number, stride: number, numbers = 4): Uint8Array {
  const text = (value: string) => `X${String.fromCharCode(value.length, 0, 0, 0)}${value}`;
  const pickle =
    `\x80\x02}${text("w")}ctorch._utils\n_rebuild_tensor_v2\n` +
    `((${text("storage")}ctorch\nFloatStorage\n${text("0")}${text("cpu")}K${String.fromCharCode(4)}tQ` +
    `K${String.fromCharCode(offset)}K${String.fromCharCode(shape)}\x85K${String.fromCharCode(stride)}\x85\x89NtRs.`;
  return zipSync(
    {
      "archive/data.pkl": Uint8Array.from(pickle, (letter) => letter.charCodeAt(0)),
      "archive/data/0": new Uint8Array(Float32Array.from({ length: numbers }, (_, i) => i).buffer),
    },
    { level: 0 },
  );
}

test("a tensor shows the part of its storage that offset and stride say", () => {
  assert.deepEqual([...readTorchWeights(tensorFile(1, 2, 2)).w!.data], [1, 3]);
});

test("a tensor that reaches over its storage is refused", () => {
  assert.throws(() => readTorchWeights(tensorFile(1, 4, 1)), /reaches over the 4 numbers of its storage/);
  assert.throws(() => readTorchWeights(tensorFile(0, 2, 4)), /reaches over the 4 numbers of its storage/);
  assert.throws(() => readTorchWeights(tensorFile(0, 200, 0)), /reaches over the 4 numbers of its storage/);
});

test("a storage of another length than said is refused", () => {
  assert.throws(() => readTorchWeights(tensorFile(0, 4, 1, 3)), /has 12 bytes, expected 16/);
});

test("a compressed file is refused before it can swell", () => {
  const bomb = zipSync({ "a/data.pkl": new Uint8Array(1 << 20) }, { level: 9 });
  assert.throws(() => readTorchWeights(bomb), /a\/data\.pkl is compressed, expected it stored/);
});

test("a list of files that says billions, or one file twice, is refused at once", () => {
  const billions = read("plain.pt");
  const view = new DataView(billions.buffer);
  const zip64End = billions.findLastIndex(
    (_, at) => view.getUint32(Math.min(at, billions.length - 4), true) === 0x06064b50,
  );
  view.setUint32(zip64End + 32, 0xffffffff, true);
  assert.throws(() => readTorchWeights(billions), /its list of files is wrong/);

  const twice = zipSync({ "a/data.pkl": new Uint8Array(1), "a/data.pkx": new Uint8Array(1) }, { level: 0 });
  const letters = Buffer.from(twice).toString("latin1");
  for (const { index } of letters.matchAll(/(?<=data\.pk)x/g)) twice[index] = 0x6c; // l
  assert.throws(() => readTorchWeights(twice), /its list of files is wrong/);
});

test("another zip archive is refused by what is in it", () => {
  const bytes = zipSync({ "w.npy": new Uint8Array(8) });
  assert.throws(() => readTorchWeights(bytes), /got a zip archive with w\.npy, expected data\.pkl in it/);
});

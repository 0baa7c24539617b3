import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "#nin-net/core/tensor.js";
import { writeCsv } from "#nin-net/interop/csv.js";

const csv = (tensors: Record<string, Tensor>) => [...writeCsv(tensors)].join("");

test("a line for each value, with its place", () => {
  const weight = new Tensor([2, 1, 1, 2], Float32Array.of(1, -0.5, 0.1, 1e-7));
  const bias = new Tensor([2], Float32Array.of(3, -0));
  assert.equal(
    csv({ weight, bias }),
    [
      "name,out,in,row,column,value",
      "weight,0,0,0,0,1",
      "weight,0,0,0,1,-0.5",
      "weight,1,0,0,0,0.1",
      "weight,1,0,0,1,1e-7",
      "bias,0,,,,3",
      "bias,1,,,,-0.0",
      "",
    ].join("\n"),
  );
});

test("every value comes back to the bit", () => {
  const bits = Uint32Array.from({ length: 20_000 }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
  const values = new Float32Array(bits.buffer).filter(Number.isFinite);
  const lines = csv({ w: new Tensor([values.length], values) })
    .trimEnd()
    .split("\n")
    .slice(1);
  const back = Float32Array.from(lines, (line) => Number(line.slice(line.lastIndexOf(",") + 1)));
  assert.deepEqual(new Uint32Array(back.buffer), new Uint32Array(values.slice().buffer));
});

test("numbers that are none are named as pandas reads them", () => {
  const text = csv({ w: new Tensor([3], Float32Array.of(Number.NaN, Infinity, -Infinity)) });
  assert.deepEqual(
    text
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",").at(-1)),
    ["nan", "inf", "-inf"],
  );
});

test("a name with a comma is quoted", () => {
  assert.match(csv({ 'a,"b"': new Tensor([1], Float32Array.of(1)) }), /\n"a,""b""",0,,,,1\n/);
});

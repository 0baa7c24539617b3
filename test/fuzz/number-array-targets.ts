import assert from "node:assert/strict";
import fc from "fast-check";
import { NumberArrayReader } from "#nin-net/data/npm/number-arrays.js";
import { anyDamage, damaged } from "./damage.js";
import { answer, type FuzzTarget } from "./fuzz-target.js";

const longest = 16;
/** The array that is filled, and those that the property keeps. */
const most = 65_536;

const anyArrays = fc.array(fc.array(fc.nat(255), { maxLength: longest }), { maxLength: 8 });
const anyPieces = fc.integer({ min: 1, max: 40 });

function read(bytes: Uint8Array, pieceBytes: number): number[][] {
  const arrays: number[][] = [];
  const reader = new NumberArrayReader("file", longest, (numbers) => arrays.push([...numbers]));
  for (let i = 0; i < bytes.length; i += pieceBytes) reader.read(bytes.subarray(i, i + pieceBytes));
  reader.end();
  return arrays;
}

/** Whole texts are read as JSON.parse reads them. */
const reading = fc.property(anyArrays, anyPieces, (data, pieceBytes) => {
  assert.deepEqual(read(Buffer.from(JSON.stringify({ data })), pieceBytes), data);
});

/** Where damaged ones are cut does not matter. */
const damage = fc.asyncProperty(anyArrays, anyDamage, anyPieces, async (data, damages, pieceBytes) => {
  const bytes = damaged(Buffer.from(JSON.stringify({ data })), damages);
  const whole = await answer(() => read(bytes, bytes.length + 1), most);
  const pieces = await answer(() => read(bytes, pieceBytes), most);
  if ("read" in whole) assert.deepEqual(pieces, whole);
  else assert.ok("refused" in pieces);
});

export const numberArrayTargets: readonly FuzzTarget[] = [
  { name: "arrays of numbers in JSON, in pieces", cases: 1000, property: reading },
  { name: "arrays of numbers in JSON, damaged", cases: 2000, property: damage },
];

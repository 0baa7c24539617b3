import assert from "node:assert/strict";
import { test } from "node:test";
import { NumberArrayReader } from "#nin-net/data/npm/number-arrays.js";

/** The arrays of a text that arrives in pieces of so many bytes. */
function read(text: string, pieceBytes: number): number[][] {
  const arrays: number[][] = [];
  const reader = new NumberArrayReader("clothes.json", 5, (numbers) => arrays.push([...numbers]));
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += pieceBytes) reader.read(bytes.subarray(i, i + pieceBytes));
  reader.end();
  return arrays;
}

test("reads what JSON.parse reads, however the text is cut", () => {
  const text = '{"data":[[0,255,7],[],[100,20,3,4,5]]}';
  const { data } = JSON.parse(text) as { data: number[][] };
  for (const pieceBytes of [1, 2, 3, 7, 100]) assert.deepEqual(read(text, pieceBytes), data);
});

test("refuses what is no array of bytes, by the file's name", () => {
  const wrong = {
    "[[1,256]]": "clothes.json: got a number above 255, expected arrays of whole numbers from 0 to 255.",
    "[[99999999999999999999]]": "clothes.json: got a number above 255, expected arrays of",
    "[[1,2,3,4,5,6]]": "clothes.json: got more than 5 numbers in an array, expected",
    "[[1.5]]": 'clothes.json: got "." in an array, expected',
    "[[-1]]": 'clothes.json: got "-" in an array, expected',
    '[["a"]]': 'clothes.json: got "\\"" in an array, expected',
    "[[1,2": "clothes.json: got an array without an end, expected",
    "[[[1]]]": "clothes.json: got an array in an array, expected",
  };
  for (const [text, message] of Object.entries(wrong)) {
    assert.throws(
      () => read(text, 2),
      (error: Error) => {
        assert.ok(error.message.startsWith(message), `${text}: ${error.message}`);
        return true;
      },
    );
  }
});

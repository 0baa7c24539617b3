import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, cut, decimalBytes, rate, tableLines, wrapped } from "#nin-cli/terminal/format.js";

test("clock reads as a person reads it", () => {
  assert.deepEqual([0, 7, 59.6, 754, 11_045, Number.NaN].map(clock), [
    "0:00",
    "0:07",
    "1:00",
    "12:34",
    "3:04:05",
    "-:--",
  ]);
});

test("rate keeps a decimal where it counts", () => {
  assert.deepEqual([14.83, 99.94, 1520.4].map(rate), ["14.8", "99.9", "1520"]);
});

test("bytes come in decimal units", () => {
  assert.deepEqual([40, 38_400, 30_878_645].map(decimalBytes), ["40 B", "38.4 kB", "30.9 MB"]);
});

test("tables align columns and end without blanks", () => {
  assert.deepEqual(
    tableLines(
      [
        ["class", "F1", "images"],
        ["bag", "0.5", "1,000"],
      ],
      ["left", "right"],
    ),
    ["class   F1  images", "bag    0.5   1,000"],
  );
});

test("text wraps between words; a colour code takes no room", () => {
  assert.deepEqual(wrapped("one two three\nfour", 8), ["one two", "three", "four"]);
  assert.deepEqual(wrapped("\u001b[33mone\u001b[39m two", 7), ["\u001b[33mone\u001b[39m two"]);
  assert.deepEqual(wrapped("unbreakable", 4), ["unbreakable"]);
  assert.deepEqual(wrapped("  one two three", 9), ["  one two", "  three"]);
  assert.deepEqual(wrapped("a  b   c", 80), ["a  b   c"]);
});

test("a line is cut to a width, colour codes left whole", () => {
  assert.equal(cut("abcdef", 4), "abcd");
  assert.equal(cut("ab", 4), "ab");
  assert.equal(cut("\u001b[36m███\u001b[39m░░ 40 %", 5), "\u001b[36m███\u001b[39m░░");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RgbPicture } from "#nin-net/inference/shrink.js";
import { trimBox } from "#nin-net/inference/trim.js";

/** A picture from rows of digits, each 20 grey levels. */
function picture(...rows: readonly string[]): RgbPicture {
  const levels = rows.join("").split("");
  const data = Uint8Array.from(levels.flatMap((digit) => [0, 0, 0].fill(Number(digit) * 20)));
  return { width: rows[0]!.length, height: rows.length, data };
}

test("cuts edges off up to the first pixel that differs", () => {
  assert.deepEqual(trimBox(picture("9999999", "9990999", "9900999", "9999999")), {
    left: 2,
    top: 1,
    width: 2,
    height: 2,
  });
});

test("colours within 5% of the distance from black to white count as one", () => {
  const { width, height } = { width: 3, height: 3 };
  const box = (level: number) => {
    const data = new Uint8Array(27).fill(255);
    data.fill(level, 12, 15);
    return trimBox({ width, height, data });
  };
  assert.equal(box(243), undefined); // 12 of 255 in each channel is 4.7%
  assert.deepEqual(box(242), { left: 1, top: 1, width: 1, height: 1 });
});

test("each side is compared with the corner at its end", () => {
  // The right half has another background; cut off from the right as far as it is plain.
  assert.deepEqual(trimBox(picture("9995555", "9915555", "9995555")), {
    left: 2,
    top: 0,
    width: 1,
    height: 3,
  });
});

test("nothing is left of one colour", () => {
  assert.equal(trimBox(picture("999", "999")), undefined);
});

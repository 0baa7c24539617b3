import assert from "node:assert/strict";
import { test } from "node:test";
import { medianOf3x3 } from "#nin-net/inference/median.js";
import type { RgbPicture } from "#nin-net/inference/shrink.js";

/** Plain loops, for reading: nine levels, sorted. */
function reference({ width, height, data }: RgbPicture): Uint8Array {
  const inside = (index: number, length: number) => Math.min(Math.max(index, 0), length - 1);
  return data.map((_, i) => {
    const channel = i % 3;
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    const levels = [-1, 0, 1].flatMap((down) =>
      [-1, 0, 1].map((across) => {
        const pixel = inside(y + down, height) * width + inside(x + across, width);
        return data[pixel * 3 + channel]!;
      }),
    );
    return levels.sort((a, b) => a - b)[4]!;
  });
}

test("gives the fifth of nine sorted levels, channel by channel, at edges and corners too", () => {
  const sizes: readonly (readonly [width: number, height: number])[] = [
    [1, 1],
    [1, 5],
    [5, 1],
    [2, 2],
    [3, 3],
    [17, 11],
    [64, 40],
  ];
  for (const [width, height] of sizes) {
    // Few levels as well as many: ties and their order.
    for (const levels of [2, 3, 256]) {
      const data = Uint8Array.from(
        { length: width * height * 3 },
        (_, i) => (Math.imul(i + width + 1, 0x9e3779b1) >>> 16) % levels,
      );
      const picture = { width, height, data };
      assert.deepEqual(medianOf3x3(picture), reference(picture), `${width}x${height} of ${levels} levels`);
    }
  }
});

test("takes a speck away and keeps an edge", () => {
  const row = [0, 0, 0, 200, 200];
  const data = Uint8Array.from([...row, ...row, ...row].flatMap((level) => [level, level, level]));
  const clean = data.slice();
  data.fill(255, 6 * 3, 7 * 3);
  assert.deepEqual(medianOf3x3({ width: 5, height: 3, data }), clean);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { philox } from "#nin-net/core/random.js";
import { randomMove } from "#nin-net/ops/random-move.js";
import { refuses } from "./refuses.js";
import { leaf, run } from "./run.js";

const key = (seed: number, epoch: number, step: number) => leaf([3], [seed, epoch, step], "u32");
const from = (image: number) => leaf([1], [image], "u32");
const attrs = { shift: 1, flip: true, stream: 0 };
/** 1 to 9 in a square. */
const square = leaf([1, 3, 3, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]);

/** The square after a mirror and a move, by hand. */
function moved(isMirrored: boolean, down: number, right: number): number[] {
  const rows = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ];
  // The picture is moved first, then the whole is mirrored.
  const at = (row: number, column: number) => rows[row - down]?.[column - right] ?? 0;
  return [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => at(row, isMirrored ? 2 - column : column)));
}

test("an image is mirrored and moved as its own random words say", () => {
  const seen = new Set<string>();
  for (let image = 0; image < 200; image++) {
    const [mirror, vertical, horizontal] = philox([image, 9, 4, 2], [7, 5]) as [
      number,
      number,
      number,
      number,
    ];
    const [down, right] = [vertical, horizontal].map((word) => Math.floor((word / 2 ** 32) * 3) - 1);
    const y = run(randomMove(square, key(7, 2, 9), from(image), { ...attrs, stream: 4 }));
    assert.deepEqual([...y], moved(mirror >= 2 ** 31, down!, right!));
    seen.add([...y].join());
  }
  assert.equal(seen.size, 18, "two mirrors, three moves on each axis");
});

test("without flip and shift nothing changes", () => {
  const y = run(randomMove(square, key(1, 1, 1), from(3), { shift: 0, flip: false, stream: 0 }));
  assert.deepEqual([...y], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("channels stay together, and slicing does not change what an image becomes", () => {
  const x = leaf([4, 5, 6, 3]);
  const whole = run(randomMove(x, key(1, 0, 0), from(0), { ...attrs, shift: 3 }));
  const rest = leaf([2, 5, 6, 3], run(x).subarray(180));
  assert.deepEqual(run(randomMove(rest, key(1, 0, 0), from(2), { ...attrs, shift: 3 })), whole.subarray(180));
  const grey = (channel: number) =>
    leaf(
      [4, 5, 6, 1],
      run(x).filter((_, i) => i % 3 === channel),
    );
  assert.deepEqual(
    run(randomMove(grey(2), key(1, 0, 0), from(0), { ...attrs, shift: 3 })),
    whole.filter((_, i) => i % 3 === 2),
  );
});

test("refuses what does not fit", () => {
  refuses(
    () => randomMove(leaf([3, 3]), key(1, 1, 1), from(0), attrs),
    "randomMove: got shape [3, 3], expected [N, H, W, C]. Give feature maps with four axes.",
  );
  refuses(
    () => randomMove(square, key(1, 1, 1), from(0), { ...attrs, shift: 0.5 }),
    "randomMove: got shift 0.5, expected a whole number of at least 0. Give a shift that counts pixels.",
  );
  refuses(
    () => randomMove(leaf([1, 4, 5, 2]), key(1, 1, 1), from(0), { ...attrs, shift: 4 }),
    "randomMove: got shift 4, expected less than 4, the shorter side of the images. Move them by fewer pixels.",
  );
  refuses(
    () => randomMove(square, leaf([2], [1, 2], "u32"), from(0), attrs),
    "randomMove: got shape [2], expected [3], the shape of seed, epoch and step. Give inputs that belong together.",
  );
});

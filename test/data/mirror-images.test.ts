import assert from "node:assert/strict";
import { test } from "node:test";
import { mirrorImages } from "#nin-net/data/mirror-images.js";

test("each row of each image is turned round, the channels of a pixel stay in order", () => {
  const grey = Uint8Array.of(1, 2, 3, 4, 5, 6); // two rows of three
  assert.deepEqual([...mirrorImages({ pixels: grey, width: 3, channels: 1 })], [3, 2, 1, 6, 5, 4]);
  const colours = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8); // two rows of two pixels in two channels
  assert.deepEqual([...mirrorImages({ pixels: colours, width: 2, channels: 2 })], [3, 4, 1, 2, 7, 8, 5, 6]);
});

test("mirrored twice, images are what they were", () => {
  const pixels = Uint8Array.from({ length: 2 * 5 * 7 * 3 }, (_, i) => (i * 31) % 256);
  const sizes = { width: 7, channels: 3 };
  assert.deepEqual(mirrorImages({ ...sizes, pixels: mirrorImages({ ...sizes, pixels }) }), pixels);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { preparePicture } from "#nin-net/inference/prepare-picture.js";

const red = [255, 0, 0];
const blue = [0, 0, 255];
const photo = (image: { channels: number; height: number; width: number }, invert?: "yes") =>
  ({ preparation: "photo", image, invert }) as const;

test("a larger picture is averaged, and cropped in the middle", () => {
  // Six columns: one of red at each end is cropped away, the others become two pixels of blue and of white.
  const row = [red, blue, blue, [255, 255, 255], [255, 255, 255], red].flat();
  const picture = { width: 6, height: 2, data: Uint8Array.from([...row, ...row]) };
  const { pixels, wasReady, isInverted } = preparePicture(
    picture,
    photo({ channels: 3, height: 1, width: 2 }),
  );
  assert.deepEqual([...pixels], [...blue, 255, 255, 255]);
  assert.deepEqual([wasReady, isInverted], [false, false]);
});

test("a smaller picture is interpolated with half-pixel centres", () => {
  const picture = { width: 2, height: 1, data: Uint8Array.of(0, 100) };
  // Centres of four pixels at -0.25, 0.25, 0.75 and 1.25 of the two.
  const { pixels } = preparePicture(picture, photo({ channels: 1, height: 2, width: 4 }));
  assert.deepEqual([...pixels], [0, 25, 75, 100, 0, 25, 75, 100]);
});

test("a picture of the image's size stays as it is; colours become grey, light becomes dark on request", () => {
  const picture = { width: 2, height: 1, data: Uint8Array.from([...red, ...blue]) };
  const same = preparePicture(picture, photo({ channels: 3, height: 1, width: 2 }));
  assert.deepEqual([...same.pixels, same.wasReady], [...red, ...blue, true]);
  const grey = preparePicture(picture, photo({ channels: 1, height: 1, width: 2 }));
  assert.deepEqual([...grey.pixels], [54, 18]); // 0.2127 and 0.0722 of 255
  const inverted = preparePicture(picture, photo({ channels: 3, height: 1, width: 2 }, "yes"));
  assert.deepEqual([...inverted.pixels, inverted.isInverted], [0, 255, 255, 255, 255, 0, true]);
});

test("photo-pad keeps all of a picture: scaled to fit, in the middle, on black", () => {
  const row = [red, blue, blue, [255, 255, 255]].flat();
  const picture = { width: 4, height: 2, data: Uint8Array.from([...row, ...row]) };
  const image = { channels: 3, height: 4, width: 2 };
  const { pixels } = preparePicture(picture, { preparation: "photo-pad", image });
  // Two columns are averaged into one, two rows too; one row of black is above, two are below.
  const black = [0, 0, 0, 0, 0, 0];
  assert.deepEqual([...pixels], [...black, 128, 0, 128, 128, 128, 255, ...black, ...black]);
});

test("photo-stretch scales each axis for itself: one averaged, the other interpolated", () => {
  const picture = { width: 4, height: 2, data: Uint8Array.of(0, 20, 40, 60, 100, 120, 140, 160) };
  const image = { channels: 1, height: 4, width: 2 };
  const { pixels } = preparePicture(picture, { preparation: "photo-stretch", image });
  assert.deepEqual([...pixels], [10, 50, 35, 75, 85, 125, 110, 150]);
});

test("what is transparent is white", () => {
  const picture = { width: 1, height: 1, data: Uint8Array.of(0, 0, 0, 0) };
  assert.deepEqual(
    [...preparePicture(picture, photo({ channels: 3, height: 1, width: 1 })).pixels],
    [255, 255, 255],
  );
});

test("garments and digits have one size", () => {
  const picture = { width: 40, height: 40, data: new Uint8Array(1600) };
  const image = { channels: 3, height: 32, width: 32 };
  assert.throws(() => preparePicture(picture, { image, preparation: "digit" }), {
    name: "NinError",
    message:
      "preparePicture: got 32x32 pixels of 3 channels for the preparation digit, expected 28x28 of 1. Choose the preparation photo.",
  });
});

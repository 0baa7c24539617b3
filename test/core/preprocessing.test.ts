import assert from "node:assert/strict";
import { test } from "node:test";
import { preprocessedShape, preprocessingOf } from "#nin-net/core/preprocessing.js";

test("one number is height and width; what is left out does nothing", () => {
  assert.deepEqual(preprocessingOf("f", { resize: 7 }, { channels: 1 }), {
    resize: [7, 7],
    mean: null,
    std: null,
  });
  const image = { channels: 3, height: 4, width: 5 };
  assert.deepEqual(preprocessedShape(image, preprocessingOf("f", {}, image)), [3, 4, 5]);
  assert.deepEqual(preprocessedShape(image, { resize: [8, 9] }), [3, 8, 9]);
});

test("refuses sizes, means and deviations that do not fit", () => {
  const refuse = (options: object, message: string) =>
    assert.throws(() => preprocessingOf("f", options, { channels: 3 }), { name: "ShapeError", message });
  refuse(
    { resize: [4, 0] },
    "f: got resize 0, expected a whole number of at least 1. Give a resize of 1 or more.",
  );
  refuse(
    { mean: [0.5] },
    "f: got mean [0.5], expected 3 finite numbers, one a channel. Give a mean for each channel of the images, in units of 0..1.",
  );
  refuse(
    { std: [1, 0, 1] },
    "f: got std [1, 0, 1], expected 3 finite numbers above 0, one a channel. Give a std for each channel of the images, in units of 0..1.",
  );
});

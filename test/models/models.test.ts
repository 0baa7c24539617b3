import assert from "node:assert/strict";
import { test } from "node:test";
import { createModel, modelNames, models } from "#nin-net/models/models.js";

for (const name of modelNames) {
  test(`${name} takes its smallest images and refuses smaller ones; its options are checked`, () => {
    const { smallestInput } = models[name];
    const images = { channels: 1, classes: 3, size: smallestInput };
    const net = createModel(name, images);
    assert.deepEqual(net.outputShape([1, 1, ...smallestInput]), [1, 3]);
    const smaller = smallestInput.map((side) => side - 1) as [number, number];
    assert.throws(() => net.outputShape([1, 1, ...smaller]), /ShapeError/);
    assert.throws(() => createModel(name, images, { colour: 1 }), {
      name: "NinError",
      message: new RegExp(`^Network ${name}, option colour: there is none of that name`),
    });
    // Made all the same, for whoever can say what is wrong in their own words.
    const forTooSmall = createModel(name, { ...images, size: smaller });
    assert.throws(() => forTooSmall.outputShape([1, 1, ...smaller]), /ShapeError/);
  });
}

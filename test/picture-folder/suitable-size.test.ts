import assert from "node:assert/strict";
import { test } from "node:test";
import { suitableSize } from "#nin-cli/picture-folder/requested-pictures.js";

const sizeFor = (net: string, resize: number | null = null) => suitableSize({ net, netOptions: {}, resize });

test("pictures get 64 x 64 where the network takes it, also one that is made for one size", () => {
  assert.deepEqual(sizeFor("nin-small"), [64, 64]);
  assert.deepEqual(sizeFor("lenet"), [64, 64]);
  assert.deepEqual(sizeFor("nin"), [67, 67]);
  assert.deepEqual(sizeFor("nin", 112), [112, 112]);
});

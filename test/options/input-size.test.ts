import assert from "node:assert/strict";
import { test } from "node:test";
import { checkInputSize } from "#nin-cli/options/input-size.js";
import { NinNet } from "#nin-net/models/nin.js";
import { Flatten } from "#nin-net/nn/layers/flatten.js";
import { Linear } from "#nin-net/nn/layers/linear.js";
import { Sequential } from "#nin-net/nn/layers/sequential.js";

test("images of the smallest size and more are accepted, also where they are not square", () => {
  const net = new NinNet();
  for (const size of [
    [67, 67],
    [67, 200],
  ] as const) {
    checkInputSize({ net, name: "nin" }, [1, ...size]);
  }
  assert.throws(() => checkInputSize({ net, name: "nin" }, [1, 66, 200]), {
    name: "UsageError",
    message:
      '--resize: got "66x200", expected 67 or more: smaller images do not fill the last pooling window.',
  });
});

test("of a network that takes one size alone, the layer that refuses another is named", () => {
  const net = new Sequential(new Flatten(), new Linear(80 * 80, 10));
  checkInputSize({ net, name: "nin" }, [1, 80, 80]);
  assert.throws(() => checkInputSize({ net, name: "nin" }, [1, 90, 90]), {
    name: "UsageError",
    message:
      /^--resize: got "90"\. Sequential layer 1 \(Linear\): got shape \[1, 8100\], expected \[N, 6400\]/,
  });
});

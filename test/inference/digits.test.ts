import assert from "node:assert/strict";
import { test } from "node:test";
import { preparePicture } from "#nin-net/inference/prepare-picture.js";
import { onPaper, realImages, withFrame } from "./papers.js";

const { images, skip } = realImages("mnist", 200);

type Preparation = "garment" | "digit";

/** Levels a pixel by which framed digits on paper differ from MNIST's own, on average. */
function difference(preparation: Preparation): number {
  const differences = images.map((image) => {
    const paper = withFrame(
      onPaper(image, () => 255),
      [1, 1, 1, 1],
      0,
    );
    const { pixels } = preparePicture(paper, { preparation });
    return pixels.reduce((sum, level, i) => sum + Math.abs(level - image[i]!), 0) / pixels.length;
  });
  return differences.reduce((a, b) => a + b, 0) / differences.length;
}

test("200 digits on framed paper come out nearer to MNIST's own than as garments", { skip }, () => {
  const [digit, garment] = [difference("digit"), difference("garment")];
  assert.ok(digit < garment / 2, `as digits ${digit}, as garments ${garment} levels a pixel`);
});

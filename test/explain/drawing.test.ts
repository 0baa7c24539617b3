import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { loadLetters } from "#nin-cli/pictures/letters.js";
import { drawingToPng, imageToPng } from "#nin-cli/pictures/png.js";
import { blueRed, inferno } from "#nin-net/explain/colour-map.js";
import { Drawing } from "#nin-net/explain/drawing.js";
import type { Explanation } from "#nin-net/explain/explain.js";
import { drawExplanation } from "#nin-net/explain/explanation-drawing.js";
import { drawGrid } from "#nin-net/explain/grid-drawing.js";
import { palette } from "#nin-net/explain/legend.js";
import { valueScale } from "#nin-net/explain/value-scale.js";
import { greyLevel, type Picture } from "#nin-net/inference/picture.js";
import { predictionOf } from "#nin-net/inference/predict.js";

const white = [255, 255, 255] as const;
const black = [0, 0, 0] as const;

function pixel({ pixels, width }: { pixels: Uint8Array; width: number }, x: number, y: number): number[] {
  return [...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

test("inferno gets lighter all the way, blueRed is lightest in the middle", () => {
  const steps = Array.from({ length: 33 }, (_, i) => i / 32);
  const lightness = steps.map((share) => greyLevel(...inferno(share)));
  for (let i = 1; i < steps.length; i++) assert.ok(lightness[i]! > lightness[i - 1]!, `${steps[i]}`);
  const diverging = steps.map((share) => greyLevel(...blueRed(share)));
  assert.equal(Math.max(...diverging), diverging[16]);
  assert.deepEqual(inferno(-1), inferno(0));
  assert.deepEqual(inferno(7), inferno(1));
});

test("a scale begins at 0, or has it in the middle", () => {
  const positive = valueScale([1, 4, 2]);
  assert.deepEqual([positive.least, positive.most], [0, 4]);
  assert.deepEqual(positive.colour(4), inferno(1));
  const signed = valueScale([-1, 4]);
  assert.deepEqual([signed.least, signed.most], [-4, 4]);
  assert.deepEqual(signed.colour(0), blueRed(0.5));
  assert.deepEqual(signed.colour(-4), blueRed(0));
  assert.deepEqual(valueScale([0, 0]).colour(0), inferno(0));
});

test("paints within its borders only", () => {
  const drawing = new Drawing(4, 3, white);
  drawing.fill(2, -1, 9, 3, black);
  drawing.frame(1, 1, 1, 1, 1, [1, 2, 3]);
  assert.deepEqual(pixel(drawing, 3, 0), [...black]);
  assert.deepEqual(pixel(drawing, 0, 0), [1, 2, 3]);
  assert.deepEqual(pixel(drawing, 1, 1), [...white]);
  assert.deepEqual(pixel(drawing, 3, 2), [...white]);
});

test("text has ink where it should, whatever fonts there are, and is shortened to fit", async () => {
  const letters = await loadLetters();
  assert.ok(letters.widthOf("ankle boot", 13, true) > letters.widthOf("ankle boot", 13, false));
  assert.equal(letters.widthOf("iiii", 10, false) * 2, letters.widthOf("iiii", 20, false));

  const inkColumns = async (
    text: string,
    options: { align?: "left" | "middle" | "right"; room?: number },
  ) => {
    const drawing = new Drawing(200, 30, white);
    drawing.write(text, 100, 20, { colour: black, ...options });
    const png = await drawingToPng(drawing);
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const columns = [...data.keys()]
      .filter((i) => data[i]! < 128)
      .map((i) => Math.floor(i / info.channels) % 200);
    return [Math.min(...columns), Math.max(...columns)] as const;
  };
  const width = letters.widthOf("ankle boot", 13, false);
  const [left, leftEnd] = await inkColumns("ankle boot", {});
  assert.ok(left >= 100 && leftEnd <= 100 + width && leftEnd > 100 + 0.9 * width);
  const [rightStart, right] = await inkColumns("ankle boot", { align: "right" });
  assert.ok(right <= 100 && rightStart >= 99 - width && rightStart < 103 - width);
  const [middleStart, middleEnd] = await inkColumns("ankle boot", { align: "middle" });
  assert.ok(Math.abs((middleStart + middleEnd) / 2 - 100) < 3);
  const [, shortEnd] = await inkColumns("a very long name of a file.jpg", { room: 60 });
  assert.ok(shortEnd <= 160 && shortEnd > 140);
  assert.match(
    letters.svgElement({
      text: "x",
      x: 0,
      y: 9,
      size: 9,
      colour: black,
      isBold: false,
      align: "left",
      room: 50,
    }),
    /^<path d="M/,
  );
  assert.equal(
    letters.svgElement({
      text: " ",
      x: 0,
      y: 9,
      size: 9,
      colour: black,
      isBold: false,
      align: "left",
      room: 50,
    }),
    "",
  );
});

test("grey levels survive as PNG", async () => {
  const pixels = Uint8Array.from({ length: 12 }, (_, i) => i * 20);
  const png = await imageToPng(pixels, { channels: 1, height: 3, width: 4 });
  const { width, height, channels } = await sharp(png).metadata();
  assert.deepEqual([width, height, channels], [4, 3, 1]);
  assert.deepEqual([...(await sharp(png).extractChannel(0).raw().toBuffer())], [...pixels]);
});

/** An image of 28 x 28 pixels of one level. */
function grey(level: number): Picture {
  return { height: 28, width: 28, data: new Uint8Array(784).fill(level) };
}

/** Three classes; the second one's map speaks for the lower right. */
function explanation(): Explanation {
  const map = (...data: number[]) => ({ height: 2, width: 2, data: Float32Array.from(data) });
  return {
    ...predictionOf(Float32Array.of(0, 2, 1), ["bag", "boot", "hat"]),
    maps: [map(0, 0, 0, 0), map(0, 0, 0, 8), map(1, 1, 1, 1)],
    inputSize: [112, 112],
    field: { start: 28, step: 56, size: 99 },
  };
}

test("an explanation shows the input, the overlay, every map and every name", () => {
  const input = grey(90);
  const drawing = drawExplanation(explanation(), input, {
    title: "boot.png",
    subtitle: "network of runs/first",
  });
  const texts = drawing.texts.map(({ text }) => text);
  for (const text of [
    "boot.png",
    "network of runs/first",
    "what speaks for boot",
    "bag",
    "boot",
    "hat",
    "66.5%",
    "24.5%",
    "9.0%",
    "score 2.00",
  ]) {
    assert.ok(texts.includes(text), `${text} is missing in ${texts}`);
  }
  for (const { text, x, y } of drawing.texts) {
    assert.ok(x >= 0 && x <= drawing.width && y > 0 && y < drawing.height, `${text} lies outside`);
  }
  assert.deepEqual(pixel(drawing, 24 + 10, 92 + 10), [90, 90, 90]);
  const overlay = 24 + 224 + 28;
  assert.deepEqual(pixel(drawing, overlay + 5, 92 + 5), [90, 90, 90]); // nothing speaks for it there
  const hot = pixel(drawing, overlay + 220, 92 + 220);
  assert.deepEqual(
    hot,
    inferno(1).map((level) => Math.round(90 + 0.75 * (level - 90))),
  );
  // The strip: the middle map's lower right quarter at the scale's end, in a frame.
  const strip = 92 + 224 + 70;
  assert.deepEqual(pixel(drawing, 24 + 96 + 60, strip + 60), [...inferno(1)]);
  assert.deepEqual(pixel(drawing, 24 + 96 - 1, strip + 40), [...palette.accent]);
  assert.deepEqual(pixel(drawing, 24 - 1, strip + 40), [...white]);
});

test("another class's map may be laid over the image", () => {
  const drawing = drawExplanation(explanation(), grey(0), { title: "t", classIndex: 2 });
  assert.ok(drawing.texts.some(({ text }) => text === "what speaks for hat"));
  assert.deepEqual(pixel(drawing, 24 + 2 * 96 - 1, 92 + 224 + 70 + 40), [...palette.accent]);
});

test("a dead network's maps are black, and nothing fails", async () => {
  const dead = explanation();
  const maps = dead.maps.map((map) => ({ ...map, data: new Float32Array(4) }));
  const drawing = drawExplanation(
    { ...dead, ...predictionOf(new Float32Array(3), undefined), maps },
    grey(0),
    {
      title: "t",
    },
  );
  assert.ok((await drawingToPng(drawing)).length > 1000);
});

test("a grid has a tile for each map, all on one scale", () => {
  const data = Float32Array.from({ length: 96 * 4 }, (_, i) => i);
  const drawing = drawGrid({ shape: [96, 2, 2], data }, { title: "t", subtitle: "s", legend: "value" });
  const numbers = drawing.texts.filter(({ text, size }) => size === 9 && /^\d+$/.test(text));
  assert.deepEqual(
    numbers.map(({ text }) => Number(text)),
    [...Array(96).keys()],
  );
  const first = numbers[0]!;
  const last = numbers[95]!;
  assert.ok(last.x < drawing.width && last.y < drawing.height);
  assert.deepEqual(pixel(drawing, Math.round(first.x) - 5, first.y - 50), [...inferno(0)]);
  assert.deepEqual(pixel(drawing, Math.round(last.x) + 5, last.y - 20), [...inferno(1)]);
});

for (const count of [1, 7, 10, 96, 256, 384]) {
  test(`a grid of ${count} maps is about as wide as high`, () => {
    const drawing = drawGrid(
      { shape: [count, 5, 5], data: new Float32Array(count * 25) },
      { title: "t", subtitle: "s", legend: "value" },
    );
    assert.ok(
      drawing.width >= 300 && drawing.width <= 1200 && drawing.height <= 1500,
      `${drawing.width}x${drawing.height}`,
    );
  });
}

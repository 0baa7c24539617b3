/** Real test images as people would photograph them: on paper, framed, shaded. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Picture } from "#nin-net/inference/picture.js";
import { realData } from "../data/real-data.js";

/** Level of the paper at a place, 0..1 from the left and the top. */
export type Paper = (u: number, v: number) => number;

/** The first test images, 28 * 28 bytes each; none, and a reason, where there is no data set. */
export function realImages(
  name: "fashion-mnist" | "mnist",
  count: number,
): { images: Uint8Array[]; skip: string | false } {
  const real = realData(name);
  if (real.skip !== false) return { images: [], skip: real.skip };
  const packed = readFileSync(join(real.dir, name, "t10k-images-idx3-ubyte.gz"));
  const bytes = gunzipSync(packed).subarray(16);
  const images = Array.from(
    { length: count },
    (_, n) => new Uint8Array(bytes.subarray(n * 784, (n + 1) * 784)),
  );
  return { images, skip: false };
}

/** An image printed on paper, each pixel 4x4, with margins of 24 and 44 pixels. */
export function onPaper(image: Uint8Array, paper: Paper, noise = () => 0): Picture {
  const [width, height] = [28 * 4 + 48, 28 * 4 + 88];
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [Math.floor((x - 24) / 4), Math.floor((y - 44) / 4)];
      const isInside = column >= 0 && column < 28 && row >= 0 && row < 28;
      const ink = isInside ? image[row * 28 + column]! / 255 : 0;
      const level = paper(x / width, y / height) * (1 - ink) + noise();
      data[y * width + x] = Math.round(Math.min(Math.max(level, 0), 255));
    }
  }
  return { width, height, data };
}

/** @param edges - thickness on the left, at the top, on the right, at the bottom */
export function withFrame(
  picture: Picture,
  [left, top, right, bottom]: readonly [number, number, number, number],
  level: number,
): Picture {
  const width = picture.width + left + right;
  const height = picture.height + top + bottom;
  const data = new Uint8Array(width * height).fill(level);
  for (let y = 0; y < picture.height; y++) {
    data.set(picture.data.subarray(y * picture.width, (y + 1) * picture.width), (y + top) * width + left);
  }
  return { width, height, data };
}

export function withLine(picture: Picture, along: "row" | "column", index: number, level: number): Picture {
  const { width } = picture;
  const isOn = (i: number) => (along === "row" ? Math.floor(i / width) : i % width) === index;
  return { ...picture, data: picture.data.map((old, i) => (isOn(i) ? level : old)) };
}

/** Normally distributed numbers, the same for a seed. */
export function gauss(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

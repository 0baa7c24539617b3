import { mnistImage } from "../data/formats/mnist-files.ts";

/** Grey levels 0..255, a byte a pixel, row after row, on black. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const imageSize = mnistImage.height;
/** The longest edge of a digit in MNIST. */
const digitEdge = 20;
/** A digit of MNIST's size, but for faint pixels at its edges, is not resampled. */
const nearlyDigitEdge = 18;
/** Thin strokes fade when they are made small; they are lit up by this factor at most. */
const mostGain = 4;

/**
 * Places a digit as MNIST's are: its longest edge 20 pixels, the brightest pixel white, and the centre of mass in the
 * middle of 28x28 pixels.
 *
 * @param look - gives the digit, cut out, with edges of at most so many pixels
 * @returns 28 * 28 grey levels
 * @see LeCun, Cortes & Burges, "The MNIST database", http://yann.lecun.com/exdb/mnist/
 */
export function centredDigit(look: (longest: number) => GreyPicture): Uint8Array {
  const digit = lit(enlarged(look(digitEdge)));
  const { width, height, data } = digit;
  const [x, y] = centreOfMass(digit);
  const place = (centre: number, length: number) =>
    Math.min(Math.max(Math.round(imageSize / 2 - centre), 0), imageSize - length);
  const left = place(x, width);
  const top = place(y, height);
  const pixels = new Uint8Array(imageSize * imageSize);
  for (let row = 0; row < height; row++) {
    pixels.set(data.subarray(row * width, (row + 1) * width), (top + row) * imageSize + left);
  }
  return pixels;
}

/** In pixels from the left and the top; a pixel's own centre is at its half. */
function centreOfMass({ width, height, data }: GreyPicture): [x: number, y: number] {
  let mass = 0;
  let [across, down] = [0, 0];
  data.forEach((level, i) => {
    mass += level;
    across += level * ((i % width) + 0.5);
    down += level * (Math.floor(i / width) + 0.5);
  });
  return mass === 0 ? [width / 2, height / 2] : [across / mass, down / mass];
}

function lit({ width, height, data }: GreyPicture): GreyPicture {
  const brightest = data.reduce((a, b) => Math.max(a, b), 0);
  const gain = Math.min(mostGain, brightest === 0 ? 1 : 255 / brightest);
  return { width, height, data: data.map((level) => Math.round(level * gain)) };
}

/** Brings a digit that is smaller than MNIST's to their size, bilinearly with half-pixel centres. */
function enlarged(digit: GreyPicture): GreyPicture {
  const longest = Math.max(digit.width, digit.height);
  if (longest >= nearlyDigitEdge) return digit;
  const factor = digitEdge / longest;
  const width = Math.round(digit.width * factor);
  const height = Math.round(digit.height * factor);
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const v = clamp((y + 0.5) / factor - 0.5, digit.height - 1);
    for (let x = 0; x < width; x++) {
      const u = clamp((x + 0.5) / factor - 0.5, digit.width - 1);
      data[y * width + x] = Math.round(between(digit, u, v));
    }
  }
  return { width, height, data };
}

function between({ width, height, data }: GreyPicture, u: number, v: number): number {
  const [x, y] = [Math.floor(u), Math.floor(v)];
  const [right, below] = [Math.min(x + 1, width - 1), Math.min(y + 1, height - 1)];
  const at = (column: number, row: number) => data[row * width + column]!;
  const above = at(x, y) * (1 - (u - x)) + at(right, y) * (u - x);
  return above * (1 - (v - y)) + (at(x, below) * (1 - (u - x)) + at(right, below) * (u - x)) * (v - y);
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}

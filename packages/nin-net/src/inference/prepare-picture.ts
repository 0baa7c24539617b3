import { DataError, NinError } from "../core/errors.ts";
import type { ImageSpec } from "../core/image-spec.ts";
import type { PicturePreparation } from "../data/definition.ts";
import { mnistImage } from "../data/formats/mnist-files.ts";
import { type Background, findBackground, flatten, isObjectDarker } from "./background.ts";
import { cut, withoutBorders } from "./borders.ts";
import { centredDigit, type GreyPicture } from "./centre-digit.ts";
import { fitPhoto, isPhotoPreparation } from "./fit-photo.ts";
import { mattesOf } from "./matte.ts";
import { channelsOf, greyLevel, type Picture } from "./picture.ts";
import { sharpen } from "./sharpen.ts";
import { type Box, type Rgb, type RgbPicture, shrink } from "./shrink.ts";
import { type Corners, cornersOf, trimBox } from "./trim.ts";

/** Whether light becomes dark: `auto` does so where the object is darker than its background, as the data set's is black. */
export type Invert = "auto" | "yes" | "no";

/** How {@link preparePicture} makes a picture an image like those of the data set. */
export interface PrepareOptions {
  /** Default `auto`. */
  readonly invert?: Invert | undefined;
  /** Default `garment`. */
  readonly preparation?: PicturePreparation | undefined;
  /** What the picture is made into; default: an image of MNIST's size, the only one of `garment` and `digit`. */
  readonly image?: Pick<ImageSpec, "channels" | "height" | "width"> | undefined;
}

/** Why an answer about a picture may be wrong. */
export interface PictureNote {
  /** For programs: one word for each kind of note. */
  readonly code: "uneven-background" | "not-trimmed";
  /** One or two sentences: what was found and what to do. */
  readonly message: string;
}

/** A picture in the form of the data set's images. */
export interface PreparedPicture {
  /** height * width * channels bytes, row after row; garments and digits on black. */
  readonly pixels: Uint8Array;
  /** What the bytes are: channels, and height and width in pixels. */
  readonly image: Pick<ImageSpec, "channels" | "height" | "width">;
  /** Whether light became dark. */
  readonly isInverted: boolean;
  /** The picture was such an image already (garments and digits: on black), and at most a border was cut off. */
  readonly wasReady: boolean;
  /** Empty where the object was told from its background. */
  readonly notes: readonly PictureNote[];
}

/** Height and width of the images of garments and digits. */
const imageSize = mnistImage.height;
/** Longest edge while the object is looked for: more detail would only bring in specks and noise. */
const searchEdge = 292;
/** Longest edge of the thumbnails that Fashion-MNIST was made from. */
const thumbnailEdge = 73;
/** How often the search is repeated in what it found: enough for a picture of 64 million pixels. */
const mostZooms = 8;

const unevenBackground: PictureNote = {
  code: "uneven-background",
  message: "the background is uneven, the object may not have been told from it. Put it on plain paper.",
};
const notTrimmed: PictureNote = {
  code: "not-trimmed",
  message: "the object reaches all edges, nothing was cut off. Leave some background around it.",
};

/**
 * Prepares a picture as the data set's images were.
 *
 * Photos (`preparation: "photo"`): scaled so that they cover the image, and cropped in the middle; with `photo-pad`
 * scaled so that they fit into it, on black; with `photo-stretch` each axis for itself.
 *
 * Garments and digits: borders, frames and bars of one colour are cut off, shading and noise of the background are
 * taken away, transparency is laid on what contrasts, and the object is cut out of the full picture. Then, for
 * Fashion-MNIST: its longest edge is brought to 28 pixels by skipping rows and columns, sharpened, centred on 28x28,
 * inverted, made grey; a picture larger than their thumbnails is first made as small as those by averaging. For MNIST:
 * made as small as 20x20 by averaging, and centred by its mass. The background becomes black, whatever its level was.
 * 28x28 grey images on black are taken as they are.
 *
 * @throws DataError if sizes and data do not belong together, or an object cannot be found: the picture has one colour
 *   all over, too little contrast or no visible pixel; NinError if the preparation does not make such images
 * @see Xiao, Rasul & Vollgraf 2017, "Fashion-MNIST", section 2 (arXiv:1708.07747)
 * @see LeCun, Cortes & Burges, "The MNIST database", http://yann.lecun.com/exdb/mnist/
 */
export function preparePicture(picture: Picture, options: PrepareOptions = {}): PreparedPicture {
  channelsOf(picture);
  const { preparation = "garment", image = mnistImage, invert } = options;
  if (isPhotoPreparation(preparation)) {
    return fitPhoto(picture, image, { preparation, isInverted: invert === "yes" });
  }
  if (image.channels !== 1 || image.height !== imageSize || image.width !== imageSize) {
    const { channels, height, width } = image;
    throw new NinError(
      `preparePicture: got ${height}x${width} pixels of ${channels} channels for the preparation ${preparation}, ` +
        `expected ${imageSize}x${imageSize} of 1. Choose the preparation photo.`,
    );
  }
  for (const matte of mattesOf(picture)) {
    const whole = shrink(picture, searchEdge, { matte });
    const everything = { left: 0, top: 0, width: whole.width, height: whole.height };
    // What looked like a border may have been the background, and what is inside it the object.
    for (const region of [withoutBorders(whole), everything]) {
      const prepared = preparedOn(picture, { matte, whole, region }, options);
      if (prepared !== undefined) return prepared;
    }
  }
  throw nothingFound(picture);
}

/** A region of the picture on a matte; undefined if nothing stands out there. */
function preparedOn(
  picture: Picture,
  { matte, whole, region }: Pick<ViewOptions, "matte" | "whole" | "region">,
  { invert = "auto", preparation = "garment" }: PrepareOptions,
): PreparedPicture | undefined {
  const paper = cut(whole, region);
  const background = findBackground(paper);
  const isLight = greyLevel(...background.colour) > 127.5;
  const isUnscaled = whole.width === picture.width && whole.height === picture.height;
  if (invert !== "yes" && !isLight && isUnscaled && isReady(paper)) {
    return { ...ready, pixels: paper.data.filter((_, i) => i % 3 === 0) };
  }
  const isDarker = background.kind === "uneven" ? isLight : (isObjectDarker(paper, background) ?? isLight);
  const isInverted = invert === "yes" || (invert === "auto" && isDarker);

  const view = new View(picture, { matte, whole, region, paper, background, toWhite: isDarker });
  const box = view.objectBox();
  if (box === undefined) return undefined;
  const notes = background.kind === "uneven" ? [unevenBackground] : [];
  if (view.isWhole(box)) notes.push(notTrimmed);
  const pixels =
    preparation === "digit"
      ? centredDigit((longest) => greyOf(view.look(box, longest), view.ground, isInverted))
      : centred(sharpen(sampled(view.look(box, thumbnailEdge), imageSize)), view.ground, isInverted);
  return { pixels, image: mnistImage, isInverted, wasReady: false, notes };
}

/** Of a picture that is taken as it is. */
const ready = { image: mnistImage, isInverted: false, wasReady: true, notes: [] } as const;

interface ViewOptions {
  readonly matte: Rgb;
  /** The picture, small enough to search. */
  readonly whole: RgbPicture;
  /** What of `whole` is left without borders. */
  readonly region: Box;
  readonly paper: RgbPicture;
  readonly background: Background;
  /** Whether a shaded background becomes white; else black. */
  readonly toWhite: boolean;
}

/** Looks at parts of a full picture, with a shaded background made even. Boxes are in pixels of the full picture. */
class View {
  readonly #picture: Picture;
  readonly #options: ViewOptions;
  readonly #corners: Corners;
  readonly #region: Box;
  /** Colour of the background in what {@link look} gives. */
  readonly ground: Rgb;

  constructor(picture: Picture, options: ViewOptions) {
    this.#picture = picture;
    this.#options = options;
    const { background, toWhite, paper, whole, region } = options;
    const level = toWhite ? 255 : 0;
    this.ground = background.kind === "shaded" ? [level, level, level] : background.colour;
    const { ground } = this;
    this.#corners =
      background.kind === "shaded"
        ? { topLeft: ground, topRight: ground, bottomLeft: ground }
        : cornersOf(paper);
    this.#region = scaledBox(region, whole, picture);
  }

  /** Finds the object, in the small picture first and then, closer and closer, in the part where it is. */
  objectBox(): Box | undefined {
    let part = this.#region;
    for (let zoom = 0; ; zoom++) {
      const seen = this.#at(part, searchEdge);
      const found = trimBox(seen, this.#corners);
      if (found === undefined) return zoom === 0 ? undefined : part;
      const box = within(scaledBox(found, seen, part), part);
      const isFull = seen.width === part.width && seen.height === part.height;
      if (isFull || zoom === mostZooms) return box;
      // One pixel of the small picture more on each side: it may be half background.
      const [across, down] = [Math.ceil(part.width / seen.width), Math.ceil(part.height / seen.height)];
      const next = within(grown(box, across, down), this.#region);
      if (next.width * next.height > 0.9 * part.width * part.height) return box;
      part = next;
    }
  }

  /** The part as a picture with edges of at most `longest`. */
  look(part: Box, longest: number): RgbPicture {
    const { matte, background } = this.#options;
    if (background.kind !== "shaded") return shrink(this.#picture, longest, { matte, box: part });
    return shrink(this.#at(part, Math.max(searchEdge, longest)), longest);
  }

  isWhole(box: Box): boolean {
    return box.width === this.#region.width && box.height === this.#region.height;
  }

  #at(part: Box, longest: number): RgbPicture {
    const { matte, background, paper, toWhite } = this.#options;
    const seen = shrink(this.#picture, longest, { matte, box: part });
    if (background.kind !== "shaded") return seen;
    const region = this.#region;
    const [across, down] = [paper.width / region.width, paper.height / region.height];
    const place = {
      left: (part.left - region.left) * across,
      top: (part.top - region.top) * down,
      width: part.width * across,
      height: part.height * down,
    };
    return flatten(seen, background, { part: place, toWhite });
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A box of a small picture in pixels of the large one, or of the large one's part, that it shows. */
function scaledBox(box: Box, small: Size, large: Size & { left?: number; top?: number }): Box {
  const [across, down] = [large.width / small.width, large.height / small.height];
  const left = Math.floor(box.left * across);
  const top = Math.floor(box.top * down);
  return {
    left: left + (large.left ?? 0),
    top: top + (large.top ?? 0),
    width: Math.max(1, Math.ceil((box.left + box.width) * across) - left),
    height: Math.max(1, Math.ceil((box.top + box.height) * down) - top),
  };
}

function grown(box: Box, across: number, down: number): Box {
  return {
    left: box.left - across,
    top: box.top - down,
    width: box.width + 2 * across,
    height: box.height + 2 * down,
  };
}

/** The part of a box that lies in another one. */
function within(box: Box, outer: Box): Box {
  const left = Math.max(box.left, outer.left);
  const top = Math.max(box.top, outer.top);
  const right = Math.min(box.left + box.width, outer.left + outer.width);
  const bottom = Math.min(box.top + box.height, outer.top + outer.height);
  return { left, top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}

function nothingFound(picture: Picture): DataError {
  const { data } = shrink(picture, searchEdge, { matte: mattesOf(picture)[0] });
  const range = Math.max(
    ...[0, 1, 2].map((channel) => {
      const levels = data.filter((_, i) => i % 3 === channel);
      return levels.reduce((a, b) => Math.max(a, b)) - levels.reduce((a, b) => Math.min(a, b));
    }),
  );
  if (range <= 2) {
    return new DataError(
      "picture: has one colour all over, expected something on a background. Give another picture.",
    );
  }
  return new DataError(
    `picture: has too little contrast (its levels differ by ${range} of 255), expected an object that stands out. ` +
      "Photograph it on a background of another colour.",
  );
}

function isReady({ width, height, data }: RgbPicture): boolean {
  if (width !== imageSize || height !== imageSize) return false;
  return data.every((level, i) => level === data[i - (i % 3)]);
}

/** Brings the longest edge to `longest` by taking the pixel in the middle of each new one's place, `-sample`. */
function sampled(picture: RgbPicture, longest: number): RgbPicture {
  const factor = longest / Math.max(picture.width, picture.height);
  const width = Math.max(1, Math.round(picture.width * factor));
  const height = Math.max(1, Math.round(picture.height * factor));
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = middle(y, picture.height, height) * picture.width;
    for (let x = 0; x < width; x++) {
      const from = (row + middle(x, picture.width, width)) * 3;
      data.set(picture.data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

/** The old pixel in the middle of the `index`-th of `to` new ones; of two, the first. */
function middle(index: number, from: number, to: number): number {
  return Math.floor(((2 * index + 1) * from - 1) / (2 * to));
}

/** Grey levels with the background's level at 0. */
function greyOf(picture: RgbPicture, background: Rgb, isInverted: boolean): GreyPicture {
  const { width, height, data } = picture;
  const level = (red: number, green: number, blue: number) => {
    const grey = Math.round(greyLevel(red, green, blue));
    return isInverted ? 255 - grey : grey;
  };
  const black = level(...background);
  const scale = black < 255 ? 255 / (255 - black) : 0;
  const pixels = new Uint8Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    const above = level(data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!) - black;
    pixels[i] = Math.round(Math.max(0, above) * scale);
  }
  return { width, height, data: pixels };
}

/** In the middle of 28x28 black pixels, grey, with the background's level at 0. */
function centred(picture: RgbPicture, background: Rgb, isInverted: boolean): Uint8Array {
  const { width, height, data } = greyOf(picture, background, isInverted);
  // Where a row or column is left over it goes to the left or the top, as with ImageMagick's `-gravity center`.
  const left = imageSize / 2 - Math.floor(width / 2);
  const top = imageSize / 2 - Math.floor(height / 2);
  const pixels = new Uint8Array(imageSize * imageSize);
  for (let y = 0; y < height; y++) {
    pixels.set(data.subarray(y * width, (y + 1) * width), (top + y) * imageSize + left);
  }
  return pixels;
}

import type { ImageSpec } from "../core/image-spec.ts";
import type { PhotoPreparation } from "../data/definition.ts";
import { greyLevel, type Picture } from "./picture.ts";
import type { PreparedPicture } from "./prepare-picture.ts";
import { type Box, type RgbPicture, shrinkTo } from "./shrink.ts";

type Size = Pick<Box, "width" | "height">;

/** Which part of a picture fills which part of an image. */
interface Placement {
  readonly from: Box;
  readonly to: Box;
}

const placements: { readonly [K in PhotoPreparation]: (picture: Size, image: Size) => Placement } = {
  photo: (picture, image) => ({ from: middleOf(picture, image.width / image.height), to: whole(image) }),
  "photo-pad": (picture, image) => ({
    from: whole(picture),
    to: middleOf(image, picture.width / picture.height),
  }),
  "photo-stretch": (picture, image) => ({ from: whole(picture), to: whole(image) }),
};

/** Whether a preparation takes whole pictures, without looking for an object in them. */
export function isPhotoPreparation(preparation: string): preparation is PhotoPreparation {
  return Object.hasOwn(placements, preparation);
}

/**
 * Brings a picture to an image's height and width, as the preparation says, and, for one channel, makes it grey. Along
 * an axis that becomes shorter pixels are averaged, along one that becomes longer they are interpolated linearly; what
 * is transparent is laid on white.
 *
 * @param isInverted - whether light becomes dark
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.CenterCrop.html
 */
export function fitPhoto(
  picture: Picture,
  image: Pick<ImageSpec, "channels" | "height" | "width">,
  { preparation, isInverted }: { readonly preparation: PhotoPreparation; readonly isInverted: boolean },
): PreparedPicture {
  const { channels, height, width } = image;
  const { from, to } = placements[preparation](picture, image);
  const { data } = scaled(picture, from, to);
  const pixels = new Uint8Array(height * width * channels);
  for (let i = 0; i < to.height * to.width; i++) {
    const row = to.top + Math.floor(i / to.width);
    const at = (row * width + to.left + (i % to.width)) * channels;
    const [red, green, blue] = [data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!];
    if (channels === 1) pixels[at] = Math.round(greyLevel(red, green, blue));
    else {
      pixels[at] = red;
      pixels[at + 1] = green;
      pixels[at + 2] = blue;
    }
  }
  return {
    pixels: isInverted ? pixels.map((level) => 255 - level) : pixels,
    image,
    isInverted,
    wasReady: picture.width === width && picture.height === height && !isInverted,
    notes: [],
  };
}

function whole({ width, height }: Size): Box {
  return { left: 0, top: 0, width, height };
}

/** The largest part in the middle that is so many times as wide as high, in whole pixels. */
function middleOf({ width: most, height: highest }: Size, ratio: number): Box {
  const width = Math.max(1, Math.min(most, Math.round(highest * ratio)));
  const height = Math.max(1, Math.min(highest, Math.round(most / ratio)));
  const [left, top] = [most - width, highest - height].map((rest) => Math.floor(rest / 2));
  return { left: left!, top: top!, width, height };
}

/** A part of a picture, laid on white, at another size. */
function scaled(picture: Picture, box: Box, size: Size): RgbPicture {
  const smaller = { width: Math.min(box.width, size.width), height: Math.min(box.height, size.height) };
  const part = shrinkTo(picture, smaller, { box });
  return part.width === size.width && part.height === size.height ? part : enlarged(part, size);
}

/** Linear interpolation with half-pixel centres, edges clamped. */
function enlarged(picture: RgbPicture, { width, height }: Size): RgbPicture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = tap(y, picture.height, height);
    for (let x = 0; x < width; x++) {
      const column = tap(x, picture.width, width);
      for (let c = 0; c < 3; c++) {
        const along = (line: number) =>
          picture.data[3 * (line * picture.width + column.lower) + c]! * (1 - column.share) +
          picture.data[3 * (line * picture.width + column.upper) + c]! * column.share;
        data[3 * (y * width + x) + c] = Math.round(
          along(row.lower) * (1 - row.share) + along(row.upper) * row.share,
        );
      }
    }
  }
  return { width, height, data };
}

function tap(index: number, from: number, to: number): { lower: number; upper: number; share: number } {
  const place = Math.min(Math.max(((index + 0.5) * from) / to - 0.5, 0), from - 1);
  const lower = Math.floor(place);
  return { lower, upper: Math.min(lower + 1, from - 1), share: place - lower };
}

import type { ImageSpec } from "../core/image-spec.ts";
import { greyLevel, type Picture } from "./picture.ts";
import type { PreparedPicture } from "./prepare-picture.ts";
import { type Box, type RgbPicture, shrink, shrinkTo } from "./shrink.ts";

/**
 * Scales a picture so that it covers an image, crops it in the middle and, for one channel, makes it grey. Larger
 * pictures are averaged, smaller ones interpolated linearly; what is transparent is laid on white.
 *
 * @param isInverted - whether light becomes dark
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.CenterCrop.html
 */
export function fitPhoto(
  picture: Picture,
  image: Pick<ImageSpec, "channels" | "height" | "width">,
  isInverted: boolean,
): PreparedPicture {
  const { channels, height, width } = image;
  const box = middleOf(picture, width / height);
  const isLarge = box.width >= width && box.height >= height;
  const { data } = isLarge ? shrinkTo(picture, image, { box }) : enlarged(picture, box, image);
  const pixels = new Uint8Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    const rgb = [data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!] as const;
    pixels.set(channels === 1 ? [Math.round(greyLevel(...rgb))] : rgb, i * channels);
  }
  return {
    pixels: isInverted ? pixels.map((level) => 255 - level) : pixels,
    image,
    isInverted,
    wasReady: picture.width === width && picture.height === height && !isInverted,
    notes: [],
  };
}

/** The largest part in the middle that is so many times as wide as high, in whole pixels. */
function middleOf(picture: Picture, ratio: number): Box {
  const width = Math.max(1, Math.min(picture.width, Math.round(picture.height * ratio)));
  const height = Math.max(1, Math.min(picture.height, Math.round(picture.width / ratio)));
  const [left, top] = [picture.width - width, picture.height - height].map((rest) => Math.floor(rest / 2));
  return { left: left!, top: top!, width, height };
}

/** Linear interpolation with half-pixel centres, edges clamped. */
function enlarged(picture: Picture, box: Box, { width, height }: Pick<Box, "width" | "height">): RgbPicture {
  const part = shrink(picture, Math.max(box.width, box.height), { box });
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = tap(y, box.height, height);
    for (let x = 0; x < width; x++) {
      const column = tap(x, box.width, width);
      for (let c = 0; c < 3; c++) {
        const along = (line: number) =>
          part.data[3 * (line * part.width + column.lower) + c]! * (1 - column.share) +
          part.data[3 * (line * part.width + column.upper) + c]! * column.share;
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

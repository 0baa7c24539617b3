import { ShapeError } from "./errors.ts";

/** What the images of a data set are, and how many classes they belong to. */
export interface ImageSpec {
  /** 1: grey; 3: red, green and blue. */
  readonly channels: number;
  /** As stored, in pixels. */
  readonly height: number;
  /** As stored, in pixels. */
  readonly width: number;
  /** Number of classes. */
  readonly classes: number;
}

/**
 * How stored bytes become what a network sees: resized (bilinear, half-pixel centres), divided by 255, and
 * normalised channel by channel, (x - mean) / std.
 *
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Normalize.html
 */
export interface Preprocessing {
  /** Height and width that the network sees, in pixels; null: as stored. */
  readonly resize: readonly [height: number, width: number] | null;
  /** One value a channel, in units of 0..1; null: zeros. */
  readonly mean: readonly number[] | null;
  /** One value a channel, above 0, in units of 0..1; null: ones. */
  readonly std: readonly number[] | null;
}

/** What images are as stored: their number of channels, height and width in pixels. */
export type StoredImage = Pick<ImageSpec, "channels" | "height" | "width">;

/** @throws ShapeError unless there are channels, a height and a width, each a whole number of at least 1 */
export function checkStoredImage(where: string, image: Partial<StoredImage>): asserts image is StoredImage {
  for (const side of ["channels", "height", "width"] as const) {
    const value = image[side];
    if (Number.isInteger(value) && value! >= 1) continue;
    throw new ShapeError(where, {
      got: `images of ${side} ${value}`,
      want: "channels, height and width as whole numbers of at least 1",
      fix: "Say what the images are as stored, such as { channels: 1, height: 28, width: 28 }.",
    });
  }
}

/** @throws ShapeError if images and labels are not equally many */
export function checkBytes(
  where: string,
  bytes: Uint8Array,
  labels: { readonly length: number },
  { channels, height, width }: StoredImage,
): void {
  const size = channels * height * width;
  const images = bytes.length / size;
  if (images === labels.length) return;
  const count = Number.isInteger(images) ? `, which are ${images} images,` : "";
  throw new ShapeError(where, {
    got: `${bytes.length} bytes${count} for ${labels.length} ${labels.length === 1 ? "label" : "labels"}`,
    want: `${labels.length * size}: an image of ${size} bytes (${height} x ${width} pixels, ${channels} ${channels === 1 ? "channel" : "channels"}) for each label`,
    fix: "Give each image one label, and say how large the images are as stored.",
  });
}

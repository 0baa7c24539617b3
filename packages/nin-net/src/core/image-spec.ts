/** What the images of a data set are, and how many classes they belong to. */
export interface ImageSpec {
  /** 1: grey; 3: red, green and blue. */
  readonly channels: number;
  /** As stored, in pixels. */
  readonly height: number;
  /** As stored, in pixels. */
  readonly width: number;
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

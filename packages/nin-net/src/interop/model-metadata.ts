import type { ImageSpec, Preprocessing } from "../core/image-spec.ts";

/** What a user of an exported network needs to know. */
export interface ModelDescription {
  /** What the images are, as stored. */
  readonly image: Pick<ImageSpec, "channels" | "height" | "width">;
  /** How the network sees them. */
  readonly preprocessing: Preprocessing;
  /** Names of the classes, by number. */
  readonly classes: readonly string[];
}

/**
 * Metadata for exported files, JSON by name: `classes`, and `preprocessing`: everything between stored bytes and what
 * the network sees, in this order: channels last to first, division by 255, normalisation, resize.
 */
export function modelMetadata({ image, preprocessing, classes }: ModelDescription): Record<string, string> {
  const { channels, height, width } = image;
  const { resize, mean, std } = preprocessing;
  return {
    classes: JSON.stringify(classes),
    preprocessing: JSON.stringify({
      image: { channels, height, width },
      colours: channels === 1 ? "grey" : "RGB",
      divideBy: 255,
      mean,
      std,
      resize,
      interpolation: "bilinear, half-pixel centres, no antialiasing",
      layout: "NCHW",
    }),
  };
}

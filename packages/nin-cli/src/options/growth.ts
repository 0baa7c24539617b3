import type { PhotoPreparation } from "nin-net";

/** How the command names the ways to bring a picture to another shape: `--grow`. */
export const growths = {
  crop: "photo",
  pad: "photo-pad",
  stretch: "photo-stretch",
} as const satisfies Readonly<Record<string, PhotoPreparation>>;

export type Growth = keyof typeof growths;
export const growthNames = Object.keys(growths) as Growth[];

/** The name of a preparation that `--grow` takes. */
export function growthOf(preparation: PhotoPreparation): Growth {
  return growthNames.find((name) => growths[name] === preparation)!;
}

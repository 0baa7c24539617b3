/** Checks descriptions of how images are preprocessed, and derives shapes from them. */
import { ShapeError } from "./errors.ts";
import type { ImageSpec, Preprocessing } from "./image-spec.ts";

/** {@link Preprocessing} as callers write it: what is left out does nothing. */
export interface PreprocessingOptions {
  /** Height and width that the network sees, in pixels, or one number for both; default: as stored. */
  readonly resize?: number | Preprocessing["resize"] | undefined;
  /** One value a channel, in units of 0..1; default: zeros. */
  readonly mean?: Preprocessing["mean"] | undefined;
  /** One value a channel, above 0, in units of 0..1; default: ones. */
  readonly std?: Preprocessing["std"] | undefined;
}

/**
 * Completes and checks a description.
 *
 * @param where - names the caller in errors
 * @throws ShapeError if a size is not a whole number of at least 1, a mean is not finite, a standard deviation is not
 *   above 0, or there is not one of them a channel
 */
export function preprocessingOf(
  where: string,
  { resize = null, mean = null, std = null }: PreprocessingOptions,
  { channels }: Pick<ImageSpec, "channels">,
): Preprocessing {
  const size = typeof resize === "number" ? ([resize, resize] as const) : resize;
  for (const length of size ?? []) {
    if (Number.isInteger(length) && length >= 1) continue;
    throw new ShapeError(where, {
      got: `resize ${length}`,
      want: "a whole number of at least 1",
      fix: "Give a resize of 1 or more.",
    });
  }
  checkChannels(where, "mean", mean, channels, Number.isFinite);
  checkChannels(where, "std", std, channels, (value) => Number.isFinite(value) && value > 0);
  return { resize: size, mean, std };
}

function checkChannels(
  where: string,
  what: "mean" | "std",
  values: readonly number[] | null,
  channels: number,
  isValid: (value: number) => boolean,
): void {
  if (values === null || (values.length === channels && values.every(isValid))) return;
  const count = channels === 1 ? "one finite number" : `${channels} finite numbers`;
  throw new ShapeError(where, {
    got: `${what} [${values.join(", ")}]`,
    want: `${count}${what === "std" ? " above 0" : ""}${channels === 1 ? ", as the images have one channel" : ", one a channel"}`,
    fix: `Give a ${what} for each channel of the images, in units of 0..1.`,
  });
}

/** Shape of an image as the network sees it. */
export function preprocessedShape(
  { channels, height, width }: Pick<ImageSpec, "channels" | "height" | "width">,
  { resize }: Pick<Preprocessing, "resize">,
): [channels: number, height: number, width: number] {
  return [channels, ...(resize ?? [height, width])];
}

/**
 * (x - mean) / std as x scale + shift, for x in 0..1; null where there is nothing to do.
 *
 * @returns one scale and one shift a channel
 */
export function affineOf({
  mean,
  std,
}: Pick<Preprocessing, "mean" | "std">): { readonly scale: number[]; readonly shift: number[] } | null {
  if (mean === null && std === null) return null;
  const channels = (mean ?? std)!.length;
  const scale = Array.from({ length: channels }, (_, c) => 1 / (std?.[c] ?? 1));
  return { scale, shift: scale.map((factor, c) => 0 - (mean?.[c] ?? 0) * factor) };
}

/** `224 x 224`: for people. */
export function resizeText(resize: number | readonly [height: number, width: number] | null): string {
  if (resize === null) return "the stored size";
  const [height, width] = typeof resize === "number" ? [resize, resize] : resize;
  return `${height} x ${width}`;
}

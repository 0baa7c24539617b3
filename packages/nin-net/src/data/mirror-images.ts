/** Images as stored, and what they are. */
export interface StoredImages {
  /** Images x height x width x channels bytes. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly channels: number;
}

/** The mirror image of each, left to right. */
export function mirrorImages({ pixels, width, channels }: StoredImages): Uint8Array {
  const mirrored = new Uint8Array(pixels.length);
  const rowBytes = width * channels;
  for (let row = 0; row < pixels.length; row += rowBytes) {
    for (let at = 0; at < rowBytes; at += channels) {
      const from = row + rowBytes - channels - at;
      for (let k = 0; k < channels; k++) mirrored[row + at + k] = pixels[from + k]!;
    }
  }
  return mirrored;
}

/** For messages. */
export const imageFormats = "PNG, JPEG, WebP, AVIF, GIF or TIFF";

/** The format that a file's first bytes announce; undefined: none that is read here. */
export function imageFormat(
  bytes: Uint8Array,
): "png" | "jpeg" | "webp" | "avif" | "gif" | "tiff" | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, 32));
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (text.startsWith("\xff\xd8\xff")) return "jpeg";
  if (/^RIFF.{4}WEBP/s.test(text)) return "webp";
  if (/^.{4}ftyp.*avi[fs]/s.test(text)) return "avif";
  if (/^GIF8[79]a/.test(text)) return "gif";
  if (text.startsWith("II*\0") || text.startsWith("MM\0*")) return "tiff";
  return undefined;
}

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

/** What a file that is not read here is, by its first bytes, and how to make an image of it. */
export function foreignFormat(
  bytes: Uint8Array,
): { readonly name: string; readonly fix: string } | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, 1024));
  const convert = "Convert it to PNG or JPEG.";
  if (/^.{4}ftyp(?:hei[cxms]|hev[cmx]|mif1|msf1)/s.test(text)) {
    return {
      name: "HEIC or HEIF",
      fix: "Convert it to JPEG, or let the camera save the most compatible format.",
    };
  }
  if (/^.{4}ftyp/s.test(text)) return { name: "a video", fix: "Save one frame of it as PNG." };
  if (text.startsWith("BM") && bytes.length >= 14 && uint32(bytes, 6) === 0)
    return { name: "BMP", fix: convert };
  if (text.startsWith("\xff\x0a") || text.startsWith("\0\0\0\x0cJXL ")) {
    return { name: "JPEG XL", fix: convert };
  }
  if (text.startsWith("\0\0\0\x0cjP  ") || text.startsWith("\xff\x4f\xff\x51"))
    return { name: "JPEG 2000", fix: convert };
  if (text.startsWith("8BPS")) return { name: "a Photoshop document", fix: convert };
  if (text.startsWith("\0\0\x01\0")) return { name: "an icon (ICO)", fix: convert };
  if (text.includes("%PDF-")) return { name: "PDF", fix: "Save its page or picture as PNG." };
  if (text.startsWith("version https://git-lfs.github.com/")) {
    return { name: "a Git LFS pointer, not the file itself", fix: "Fetch the file with git lfs pull." };
  }
  if (text.startsWith("PK\x03\x04")) return { name: "a zip archive", fix: "Unpack it first." };
  if (text.startsWith("\x1f\x8b")) return { name: "gzip data", fix: "Unpack it first." };
  return foreignText(bytes, text);
}

function foreignText(bytes: Uint8Array, text: string) {
  const start = decodedText(bytes, text).trimStart().toLowerCase();
  if (/^(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype svg[^>]*>\s*)?<svg[\s>/]/s.test(start)) {
    return { name: "SVG", fix: "Save it as PNG." };
  }
  if (/^(?:<!--.*?-->\s*)*(?:<!doctype html|<html|<head|<body)/s.test(start)) {
    return { name: "an HTML page", fix: "Download the image itself, not the page that shows it." };
  }
  if (/^data:image\//.test(start))
    return { name: "a data: address as text", fix: "Decode its base64 first." };
  if (bytes.every((byte) => byte === 0)) return { name: "nothing but zeros", fix: "Save or copy it again." };
  const isText =
    start !== "" && [...start].every((one) => (one >= " " && one !== "\ufffd") || "\t\n\r\f".includes(one));
  return isText ? { name: "text", fix: "Give a file of one of these." } : undefined;
}

/** The first bytes as UTF-16 or UTF-8; a character that is cut off at their end is left out. */
function decodedText(bytes: Uint8Array, text: string): string {
  const encoding = text.startsWith("\xff\xfe")
    ? "utf-16le"
    : text.startsWith("\xfe\xff")
      ? "utf-16be"
      : "utf-8";
  return new TextDecoder(encoding).decode(bytes.subarray(0, 1024), { stream: true });
}

function uint32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}

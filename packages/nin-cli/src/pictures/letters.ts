import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Lettering } from "nin-net";
import type { Font } from "opentype.js";

/**
 * Turns text into outlines, so that pictures look the same on machines without fonts. Text in scripts that the font of
 * this package does not have is left to the fonts of the machine.
 */
export interface Letters {
  /** Pixels that a text takes in a line. */
  widthOf(text: string, size: number, isBold: boolean): number;
  /** An SVG element; empty for a text without ink. */
  svgElement(lettering: Lettering): string;
}

let loaded: Promise<Letters> | undefined;

/** Loads the font at the first call. */
export function loadLetters(): Promise<Letters> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Letters> {
  const [regular, bold] = await Promise.all([loadFont(400), loadFont(700)]);

  // Glyph by glyph: opentype.js cannot apply all of this font's substitution rules, and nothing here needs them.
  const advances = (text: string, size: number, font: Font) =>
    [...text].map((character) => {
      const glyph = font.charToGlyph(character);
      // About as wide as an ideograph, where the font has no glyph.
      const isKnown = glyph.index !== 0;
      return {
        glyph,
        isKnown,
        advance: isKnown ? ((glyph.advanceWidth ?? 0) * size) / font.unitsPerEm : size,
      };
    });
  const widthOf = (text: string, size: number, isBold: boolean) =>
    advances(text, size, isBold ? bold : regular).reduce((sum, { advance }) => sum + advance, 0);

  return {
    widthOf,
    svgElement({ text, x, y, size, colour, isBold, align, room }) {
      const fitting = shortened(text, (part) => widthOf(part, size, isBold) <= room);
      const letters = advances(fitting, size, isBold ? bold : regular);
      const fill = `rgb(${colour.join(",")})`;
      if (letters.some(({ isKnown }) => !isKnown)) {
        const weight = isBold ? "bold" : "normal";
        return (
          `<text x="${x}" y="${y}" font-family="DejaVu Sans, sans-serif" font-size="${size}" font-weight="${weight}" ` +
          `text-anchor="${anchors[align]}" fill="${fill}">${escaped(fitting)}</text>`
        );
      }
      const width = letters.reduce((sum, { advance }) => sum + advance, 0);
      let pen = align === "left" ? x : align === "right" ? x - width : x - width / 2;
      let path = "";
      for (const { glyph, advance } of letters) {
        path += glyph.getPath(pen, y, size).toPathData(2);
        pen += advance;
      }
      return path === "" ? "" : `<path d="${path}" fill="${fill}"/>`;
    },
  };
}

const anchors = { left: "start", middle: "middle", right: "end" } as const;

function escaped(text: string): string {
  return text
    .replace(/\p{Cc}/gu, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;");
}

async function loadFont(weight: 400 | 700): Promise<Font> {
  const file = `@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff`;
  const { default: opentype } = await import("opentype.js");
  const bytes = await readFile(createRequire(import.meta.url).resolve(file));
  return opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** The longest beginning that fits, with an ellipsis if it is not all. */
function shortened(text: string, fits: (text: string) => boolean): string {
  if (fits(text)) return text;
  const characters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  for (let length = characters.length - 1; length > 0; length--) {
    const part = `${characters.slice(0, length).join("").trimEnd()}…`;
    if (fits(part)) return part;
  }
  return "";
}

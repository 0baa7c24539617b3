import type { Colour } from "./colour-map.ts";

/** A line of text in a drawing. */
export interface Lettering {
  /** One line, in any script that DejaVu Sans has. */
  readonly text: string;
  /** Where the text starts, ends or has its middle, by `align`; pixels from the left. */
  readonly x: number;
  /** The line it stands on, pixels from the top. */
  readonly y: number;
  /** Font size in pixels. */
  readonly size: number;
  /** Of the letters. */
  readonly colour: Colour;
  /** Bold or regular. */
  readonly isBold: boolean;
  /** What `x` is of the text: its start, its middle or its end. */
  readonly align: "left" | "middle" | "right";
  /** Pixels that the text may take; it is shortened to fit. */
  readonly room: number;
}

/** A picture in the making: coloured pixels, and text that is laid over them when it becomes a file. */
export class Drawing {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** RGB, height * width * 3 bytes. */
  readonly pixels: Uint8Array;
  /** Laid over the pixels when the drawing becomes a file. */
  readonly texts: Lettering[] = [];

  constructor(width: number, height: number, background: Colour) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height * 3);
    this.fill(0, 0, width, height, background);
  }

  /** Colours a rectangle, in pixels; what lies outside the drawing is left out. */
  fill(left: number, top: number, width: number, height: number, colour: Colour): void {
    this.paint(left, top, width, height, () => colour);
  }

  /** Colours a rectangle pixel by pixel; what lies outside the drawing is left out. */
  paint(
    left: number,
    top: number,
    width: number,
    height: number,
    colour: (x: number, y: number) => Colour,
  ): void {
    for (let y = Math.max(0, -top); y < Math.min(height, this.height - top); y++) {
      for (let x = Math.max(0, -left); x < Math.min(width, this.width - left); x++) {
        this.pixels.set(colour(x, y), ((top + y) * this.width + left + x) * 3);
      }
    }
  }

  /** Draws a frame around a rectangle, outside of it. */
  frame(left: number, top: number, width: number, height: number, thickness: number, colour: Colour): void {
    const outer = width + 2 * thickness;
    this.fill(left - thickness, top - thickness, outer, thickness, colour);
    this.fill(left - thickness, top + height, outer, thickness, colour);
    this.fill(left - thickness, top, thickness, height, colour);
    this.fill(left + width, top, thickness, height, colour);
  }

  /** Adds a line of text. */
  write(
    text: string,
    x: number,
    y: number,
    options: Partial<Omit<Lettering, "text" | "x" | "y">> & Pick<Lettering, "colour">,
  ): void {
    const align = options.align ?? "left";
    const room = options.room ?? (align === "left" ? this.width - x : x);
    this.texts.push({ text, x, y, size: 13, isBold: false, ...options, align, room });
  }
}

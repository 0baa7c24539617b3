import type { Colour } from "./colour-map.ts";
import type { Drawing } from "./drawing.ts";
import type { ValueScale } from "./value-scale.ts";

/** Colours of everything drawn beside the data. */
export const palette = {
  /** Background. */
  paper: [255, 255, 255],
  /** Text that is read first. */
  ink: [28, 28, 32],
  /** Text beside it. */
  faint: [98, 98, 106],
  /** What bars stand in. */
  groove: [236, 236, 240],
  /** Bars. */
  bar: [150, 152, 162],
  /** What is pointed out. */
  accent: [0, 98, 165],
} as const satisfies Readonly<Record<string, Colour>>;

/** The text that is meant to be read first. */
export const ink = { colour: palette.ink } as const;

/** A strip with every colour of a scale, its ends and what it measures. */
export function paintLegend(
  drawing: Drawing,
  left: number,
  top: number,
  width: number,
  scale: ValueScale,
  label: string,
): void {
  const { least, most, colour } = scale;
  drawing.write(label, left, top - 6, { colour: palette.faint, size: 11 });
  drawing.paint(left, top, width, 12, (x) => colour(least + ((most - least) * (x + 0.5)) / width));
  const style = { colour: palette.faint, size: 11 } as const;
  drawing.write(short(least), left, top + 26, style);
  if (least < 0) drawing.write("0", left + width / 2, top + 26, { ...style, align: "middle", room: 40 });
  drawing.write(short(most), left + width, top + 26, { ...style, align: "right" });
}

/** Three digits that say something. */
function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

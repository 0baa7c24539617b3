import { type Colour, Drawing, ink, mix, palette } from "nin-net";

const margin = 20;
/** Names and numbers have room in cells of this many pixels. */
const largeCell = 52;
/** With more classes, cells have neither names nor numbers. */
const mostNamedClasses = 20;
/** Pixels of a side without names, about. */
const plainSide = 800;
const wrong: Colour = [178, 24, 43];

/**
 * Draws a confusion matrix: a row for each true class, a column for each predicted one, darker the larger the share
 * of the row. Cells of many classes are small and have no numbers.
 *
 * @param confusion - images, rows true, columns predicted
 */
export function drawConfusion(
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
  title: string,
): Drawing {
  const count = confusion.length;
  const isNamed = count <= mostNamedClasses;
  const cell = isNamed ? largeCell : Math.max(1, Math.floor(plainSide / count));
  const [left, top] = isNamed ? [128, 132] : [72, 100];
  const size = count * cell;
  const drawing = new Drawing(left + Math.max(size, 260) + margin, top + size + margin, palette.paper);
  const room = drawing.width - 2 * margin;
  drawing.write(title, margin, 32, { ...ink, size: 17, isBold: true, room });
  drawing.write("row: true class; column: predicted class", margin, 54, { colour: palette.faint, room });
  const label = isNamed ? drawNames : drawNumbers;
  label(drawing, { left, top, cell, count }, (k) => classes[k] ?? `class ${k}`);
  // Cells too small for a gap touch.
  const gap = cell >= 8 ? 1 : 0;
  confusion.forEach((row, k) => {
    const images = Math.max(
      1,
      row.reduce((sum, each) => sum + each, 0),
    );
    row.forEach((each, column) => {
      const share = each / images;
      const [x, y] = [left + column * cell, top + k * cell];
      // The square root lets rare confusions be seen.
      const colour = mix(palette.paper, column === k ? palette.accent : wrong, Math.sqrt(share));
      const side = cell - 2 * gap;
      drawing.fill(x + gap, y + gap, side, side, each > 0 ? colour : palette.groove);
      if (each === 0 || !isNamed) return;
      drawing.write(String(each), x + cell / 2, y + cell / 2 + 5, {
        colour: share > 0.25 ? palette.paper : palette.ink,
        align: "middle",
        room: cell,
      });
    });
  });
  return drawing;
}

interface Grid {
  readonly left: number;
  readonly top: number;
  readonly cell: number;
  readonly count: number;
}

function drawNames(
  drawing: Drawing,
  { left, top, cell, count }: Grid,
  nameOf: (index: number) => string,
): void {
  for (let k = 0; k < count; k++) {
    const middle = k * cell + cell / 2;
    drawing.write(nameOf(k), left - 10, top + middle + 5, { ...ink, align: "right" });
    // Names of columns stand in two heights, as neighbours would touch.
    drawing.write(nameOf(k), left + middle, k % 2 === 0 ? top - 28 : top - 10, {
      ...ink,
      align: "middle",
      size: 12,
      room: 2 * cell - 8,
    });
  }
}

/** The numbers of some classes, at distances that are easy to count. */
function drawNumbers(drawing: Drawing, { left, top, cell, count }: Grid): void {
  const step = [5, 10, 20, 50, 100, 200, 500].find((each) => each * cell >= 48) ?? count;
  const style = { colour: palette.faint, size: 11, room: 60 } as const;
  for (let k = 0; k < count; k += step) {
    const middle = k * cell + cell / 2;
    drawing.write(String(k), left - 8, top + middle + 4, { ...style, align: "right" });
    drawing.write(String(k), left + middle, top - 8, { ...style, align: "middle" });
  }
}

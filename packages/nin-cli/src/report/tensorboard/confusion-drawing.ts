import { Drawing, ink, mix, palette } from "nin-net";

const cell = 52;
const left = 128;
const top = 132;
const margin = 20;

/**
 * Draws a confusion matrix: a row for each true class, a column for each predicted one, darker the larger the share
 * of the row.
 *
 * @param confusion - images, rows true, columns predicted
 */
export function drawConfusion(
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
  title: string,
): Drawing {
  const size = confusion.length * cell;
  const drawing = new Drawing(left + size + margin, top + size + margin, palette.paper);
  drawing.write(title, margin, 32, { ...ink, size: 17, isBold: true, room: left + size - margin });
  drawing.write("row: what the image shows; column: what the network says", margin, 54, {
    colour: palette.faint,
  });
  confusion.forEach((row, k) => {
    const images = Math.max(
      1,
      row.reduce((sum, count) => sum + count, 0),
    );
    const middle = top + k * cell + cell / 2;
    drawing.write(classes[k] ?? `class ${k}`, left - 10, middle + 5, { ...ink, align: "right" });
    // Names of columns stand in two heights, as neighbours would touch.
    drawing.write(classes[k] ?? `class ${k}`, left + k * cell + cell / 2, k % 2 === 0 ? 104 : 122, {
      ...ink,
      align: "middle",
      size: 12,
      room: 2 * cell - 8,
    });
    row.forEach((count, column) => {
      const share = count / images;
      const x = left + column * cell;
      // The square root lets rare confusions be seen.
      const colour = mix(palette.paper, column === k ? palette.accent : [178, 24, 43], Math.sqrt(share));
      drawing.fill(x + 1, top + k * cell + 1, cell - 2, cell - 2, count > 0 ? colour : palette.groove);
      if (count === 0) return;
      drawing.write(String(count), x + cell / 2, middle + 5, {
        colour: share > 0.25 ? palette.paper : palette.ink,
        align: "middle",
        room: cell,
      });
    });
  });
  return drawing;
}

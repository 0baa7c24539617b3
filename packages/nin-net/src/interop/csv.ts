import type { TensorLike } from "../core/tensor.ts";

const axes = ["out", "in", "row", "column"] as const;

/**
 * Tensors as a table: a line for each value with its tensor's name and its place, `name,out,in,row,column,value`;
 * places that a tensor has no axis for are empty. Values have as many digits as float32 needs to come back the same.
 *
 * @param tensors - of up to four axes
 * @returns the file, piece by piece
 */
export function* writeCsv(tensors: Readonly<Record<string, TensorLike>>): Generator<string, void, undefined> {
  yield `name,${axes.join(",")},value\n`;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const place = shape.map(() => 0);
    const empty = ",".repeat(axes.length - shape.length);
    const start = /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
    let lines = "";
    for (const value of data) {
      lines += `${start},${place.join(",")}${empty},${float32Text(value)}\n`;
      for (let axis = place.length - 1; axis >= 0 && ++place[axis]! === shape[axis]; axis--) place[axis] = 0;
      if (lines.length > pieceLength) {
        yield lines;
        lines = "";
      }
    }
    yield lines;
  }
}

const pieceLength = 1 << 20;

/** The shortest decimal that is nearest to a float32. */
function float32Text(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
}

/** How files of weights keep a number; each becomes a JavaScript number, then a float32. */
export interface FloatFormat {
  /** Bytes that a number takes. */
  readonly bytes: number;
  read(view: DataView, at: number, isLittleEndian: boolean): number;
}

export const float64: FloatFormat = { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) };
export const float32: FloatFormat = { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) };
export const float16: FloatFormat = {
  bytes: 2,
  read: (view, at, little) => halfFloat(view.getUint16(at, little)),
};
export const bfloat16: FloatFormat = {
  bytes: 2,
  read: (view, at, little) => brainFloat(view.getUint16(at, little)),
};

/** Counters, such as `num_batches_tracked`; exact up to 2^24. */
export const int64: FloatFormat = {
  bytes: 8,
  read: (view, at, little) => Number(view.getBigInt64(at, little)),
};

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function halfFloat(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a float32. */
function brainFloat(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits);
  return view.getFloat32(0);
}

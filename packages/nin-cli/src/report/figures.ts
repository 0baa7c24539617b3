/** How numbers are written in a report. */

/** A share or a loss, as the tutorial prints them: `0.867`; a dash for what was not measured. */
export function three(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(3);
}

/** `1,992,166`. */
export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

/**
 * A probability, `99.8 %`; what only rounds to all or nothing says so.
 *
 * @param probability - 0..1
 */
export function percent(probability: number): string {
  if (probability > 0 && probability < 0.0005) return "< 0.1 %";
  if (probability < 1 && probability >= 0.9995) return "> 99.9 %";
  return `${(100 * probability).toFixed(1)} %`;
}

/** `8 s`, `12 min 34 s`, `3 h 4 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Images a second: one decimal where it says something. */
export function rate(imagesPerSecond: number): string {
  return imagesPerSecond < 100 ? imagesPerSecond.toFixed(1) : grouped(Math.round(imagesPerSecond));
}

/** `a`, `a and b`, `a, b and c`; of many, the first and how many more. */
export function conjunction(words: readonly string[], most = 20): string {
  if (words.length <= most) return format.format(words);
  return format.format([...words.slice(0, most), `${grouped(words.length - most)} more`]);
}

// British English: no comma before the last.
const format = new Intl.ListFormat("en-GB", { type: "conjunction" });

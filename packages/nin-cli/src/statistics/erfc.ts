/** From here on the continued fraction needs fewer terms than the series. */
const border = 2;
const fractionTerms = 80;

/**
 * The complementary error function, to about 1e-14 of its value.
 *
 * @param x - 0 or more
 * @see Abramowitz & Stegun, "Handbook of Mathematical Functions", 7.1.6 and 7.1.14
 */
export function erfc(x: number): number {
  const scale = Math.exp(-(x ** 2)) / Math.sqrt(Math.PI);
  if (x < border) {
    let term = x;
    let sum = x;
    for (let n = 1; term > 1e-17 * sum; n++) {
      term *= (2 * x ** 2) / (2 * n + 1);
      sum += term;
    }
    return 1 - 2 * scale * sum;
  }
  let tail = x;
  for (let n = fractionTerms; n >= 1; n--) tail = x + n / 2 / tail;
  return scale / tail;
}

/**
 * The critical value of Student's t: |t| stays below it with the probability `confidence`.
 *
 * The distribution function is a finite sum for whole degrees of freedom; it is inverted by bisection.
 *
 * @param confidence - of both sides together, such as 0.95
 * @param degrees - of freedom, a whole number from 1
 * @see Abramowitz & Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4
 */
export function studentT(confidence: number, degrees: number): number {
  let [low, high] = [0, Math.PI / 2];
  // Of doubles between the two there are none left after so many halvings.
  for (let halvings = 0; halvings < 64; halvings++) {
    const middle = (low + high) / 2;
    if (probabilityWithin(middle, degrees) < confidence) low = middle;
    else high = middle;
  }
  return Math.sqrt(degrees) * Math.tan((low + high) / 2);
}

/** That |t| is at most sqrt(degrees) tan(angle). */
function probabilityWithin(angle: number, degrees: number): number {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? cos : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let power = isOdd ? 3 : 2; power <= degrees - 2; power += 2) {
    term *= ((power - 1) / power) * cos ** 2;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + sin * sum) : sin * sum;
}

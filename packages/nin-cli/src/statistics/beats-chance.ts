/**
 * Whether a network has learned something: at least a fifth of the way from chance, one right in so many classes, to
 * all right.
 *
 * @param accuracy - 0..1
 */
export function beatsChance(accuracy: number, classes: number): boolean {
  const chance = 1 / classes;
  return accuracy >= chance + 0.2 * (1 - chance);
}

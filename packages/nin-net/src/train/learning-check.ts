/** Tells a network that has learned nothing yet from one that learns badly. */

/** Steps into a run after which it is looked at: a network that learns has left chance by then. */
export const learningCheckStep = 300;

/** A loss of at least this share of that of guessing is no better than guessing. */
const guessingShare = 0.98;

/** Whether a mean cross-entropy is that of a network that gives every class the same share. */
export function isGuessing(lossNats: number, classes: number): boolean {
  return lossNats >= guessingShare * Math.log(classes);
}

/** What helps a network that stands still. */
export const learningAdvice =
  "Deep networks without normalization can stand there for thousands of steps, some for good. Normalized images, " +
  "batch normalization and momentum help (the preset robust has them); so does another learning rate.";

/**
 * What there is to say after {@link learningCheckStep} steps, or null if the network has begun to learn.
 *
 * @param lossNats - mean over these steps
 */
export function nothingLearned(lossNats: number, classes: number, steps: number): string | null {
  if (!isGuessing(lossNats, classes)) return null;
  return (
    `Nothing has been learned yet: after ${steps} steps the mean loss is ${lossNats.toFixed(3)}, as of guessing among ` +
    `${classes} classes (ln ${classes} = ${Math.log(classes).toFixed(3)}). ${learningAdvice}`
  );
}

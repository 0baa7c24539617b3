export interface InOrderOptions {
  /** How many pieces of work may be begun before the result of an earlier one has come. */
  readonly ahead: number;
  /** While this is true nothing more is begun; what is under way still ends. Default: never. */
  readonly isHeld?: () => boolean;
}

/** What came of one piece of work. */
export interface InOrder<T> {
  readonly result: T;
  /** How many later pieces have been begun. */
  readonly underWay: number;
}

/**
 * Begins work ahead of its results, and yields those in order; ends when nothing is left, or nothing is under way and
 * more is held back. A failure comes after the results before it. What is under way when the caller leaves, or when
 * a piece fails, is waited for and dropped.
 *
 * @param begin - is called in order; its work must bear to overlap with that of earlier pieces
 */
export async function* inOrder<In, Out>(
  inputs: Iterable<In>,
  begin: (input: In) => Promise<Out>,
  { ahead, isHeld = () => false }: InOrderOptions,
): AsyncGenerator<InOrder<Out>, void, undefined> {
  const waiting = promises(inputs, begin);
  const underWay: Promise<Out>[] = [];
  try {
    for (;;) {
      while (underWay.length <= ahead && !isHeld()) {
        const next = waiting.next();
        if (next.done) break;
        // Whoever comes to it is told of a failure; until then it must not end the process.
        next.value.catch(() => undefined);
        underWay.push(next.value);
      }
      const first = underWay.shift();
      if (first === undefined) return;
      yield { result: await first, underWay: underWay.length };
    }
  } finally {
    await Promise.allSettled(underWay);
    waiting.return();
  }
}

/** The work on each input, begun when it is asked for; inputs that fail are a failed piece of work. */
function* promises<In, Out>(
  inputs: Iterable<In>,
  begin: (input: In) => Promise<Out>,
): Generator<Promise<Out>, void, undefined> {
  try {
    for (const input of inputs) yield begin(input);
  } catch (error) {
    yield Promise.reject(error);
  }
}

/** Stands in for `node:assert/strict` in a page: what the conformance suite uses of it. */

function fail(message: string | undefined, otherwise: string): never {
  throw new Error(message ?? otherwise);
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return keys.length === others.length && keys.every((key) => isEqual(left[key], right[key]));
}

export default {
  ok(value: unknown, message?: string): void {
    if (!value) fail(message, "expected a true value");
  },
  equal(got: unknown, want: unknown, message?: string): void {
    if (!Object.is(got, want)) fail(message, `got ${got}, expected ${want}`);
  },
  deepEqual(got: unknown, want: unknown, message?: string): void {
    if (!isEqual(got, want)) fail(message, `got ${JSON.stringify(got)}, expected ${JSON.stringify(want)}`);
  },
  notDeepEqual(got: unknown, want: unknown, message?: string): void {
    if (isEqual(got, want)) fail(message, `got ${JSON.stringify(got)}, expected something else`);
  },
  async rejects(action: () => Promise<unknown>, type: new (...args: never[]) => Error, message?: string) {
    const error = await action().then(
      () => fail(message, `expected ${type.name}`),
      (reason: unknown) => reason,
    );
    if (!(error instanceof type)) fail(message, `got ${String(error)}, expected ${type.name}`);
  },
};

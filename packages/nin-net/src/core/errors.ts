/** Base of every error this package throws on purpose: its message is one or two sentences for a person. */
export class NinError extends Error {
  /** The class's name, for `error.name`. */
  override name = "NinError";
}

/** What a {@link ShapeError} reports. */
export interface ShapeProblem {
  /** The shape, size or value that came. */
  readonly got: readonly number[] | number | string;
  /** What would have been accepted. */
  readonly want: string;
  /** What the caller can do, one sentence. */
  readonly fix: string;
}

/** A shape or size that an op or a layer cannot work with. */
export class ShapeError extends NinError {
  /** The class's name, for `error.name`. */
  override name = "ShapeError";

  /**
   * @param where - the op or layer that refuses, e.g. `conv2d` or `NinNet layer 2 (Conv2d)`
   * @param problem - what is wrong, or the whole message
   */
  constructor(where: string, problem: ShapeProblem | string) {
    super(`${where}: ${typeof problem === "string" ? problem : describe(problem)}`);
  }
}

function describe({ got, want, fix }: ShapeProblem): string {
  const came = typeof got === "object" ? `shape ${formatShape(got)}` : String(got);
  return `got ${came}, expected ${want}. ${fix}`;
}

/** Data that cannot be read, found, verified or written. */
export class DataError extends NinError {
  /** The class's name, for `error.name`. */
  override name = "DataError";
}

/** A resource used after it was disposed of. */
export class DisposedError extends NinError {
  /** The class's name, for `error.name`. */
  override name = "DisposedError";

  constructor(what: string) {
    super(`${what} was used after it was disposed of. Keep it until the last use, or create a new one.`);
  }
}

/** `[3, 28, 28]`, as PyTorch prints shapes. */
export function formatShape(shape: readonly number[]): string {
  return `[${Array.from(shape, String).join(", ")}]`; // a length that is missing is to be seen
}

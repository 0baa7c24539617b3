import assert from "node:assert/strict";

/** The call throws a ShapeError with exactly this message. */
export function refuses(call: () => unknown, message: string): void {
  assert.throws(call, { name: "ShapeError", message });
}

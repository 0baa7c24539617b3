/** What every backend checks about states and options, and says in the same words. */
import { formatShape, NinError } from "../core/errors.ts";
import { sizeOf } from "../graph/node.ts";
import type { HostTensor } from "./backend.ts";

/** @throws NinError if the values of a new state do not fit their shapes */
export function checkValues(values: Readonly<Record<string, HostTensor>>): void {
  for (const [name, { shape, data }] of Object.entries(values)) {
    if (data.length === sizeOf(shape)) continue;
    throw new NinError(
      `state "${name}": got ${data.length} values, expected ${sizeOf(shape)} for ${formatShape(shape)}. Give data that fits its shape.`,
    );
  }
}

/** @throws NinError if what is written into a state is not a whole value */
export function checkWritten(name: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new NinError(`state "${name}": got ${got} values, expected ${expected}. Write a whole value.`);
}

/** @throws NinError if a state's value is not as long as the graph's */
export function checkUsed(name: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new NinError(
    `state "${name}": got ${got} values, expected ${expected}. Compile with the state of the same network.`,
  );
}

export function noSuchState(name: string, names: readonly string[]): NinError {
  return new NinError(`There is no state named "${name}"; there are ${names.join(", ") || "none"}.`);
}

export function stateOfAnotherDevice(): NinError {
  return new NinError(
    "compile: got the state of another device, expected one of this device. Create it with createState of the same device.",
  );
}

/** @throws NinError */
export function checkSliceSize(sliceSize: number): void {
  if (Number.isInteger(sliceSize) && sliceSize >= 1) return;
  throw new NinError(
    `compile: got sliceSize ${sliceSize}, expected a whole number of at least 1. Give images a slice.`,
  );
}

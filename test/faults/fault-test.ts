import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Fault, type FaultName, faults } from "./catalogue.js";

/**
 * Tests a fault of the catalogue.
 *
 * @param bringAbout - checks what happens, and gives what a person is told; nothing where there is no message
 */
export function faultTest(
  name: FaultName,
  bringAbout: (t: TestContext) => Promise<string | undefined>,
  options: { readonly skip?: string | false; readonly timeout?: number } = {},
): void {
  const { fault, outcome, says }: Fault = faults[name];
  const { skip = false, timeout = 60_000 } = options;
  test(`${fault}: ${outcome}`, { skip, timeout }, async (t) => {
    assert.equal(await bringAbout(t), says);
  });
}

/** The message of the error that a promise is rejected with. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
  return assert.fail("It was not refused.");
}

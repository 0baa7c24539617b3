import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Fault, type FaultName, faults, type Statement } from "./catalogue.js";

/** Checks a statement of the catalogue on what happens; as often as a test likes. */
export type Happens<S extends string> = (statement: S, check: () => void | Promise<void>) => Promise<void>;

/**
 * Tests a fault of the catalogue: fails unless every statement was checked, under its own words, and what is said is
 * what the catalogue has.
 *
 * @param bringAbout - gives what a person is told; nothing where there is no message
 */
export function faultTest<N extends FaultName>(
  name: N,
  bringAbout: (happens: Happens<Statement<N>>, t: TestContext) => Promise<string | undefined>,
  options: { readonly skip?: string | false; readonly timeout?: number } = {},
): void {
  const { fault, happens, says }: Fault = faults[name];
  const { skip = false, timeout = 60_000 } = options;
  test(`${fault}: ${happens.join("; ")}`, { skip, timeout }, async (t) => {
    const checked = new Set<string>();
    const told = await bringAbout(async (statement, check) => {
      await check();
      checked.add(statement);
    }, t);
    assert.deepEqual(
      happens.filter((statement) => !checked.has(statement)),
      [],
      "not checked",
    );
    assert.equal(told, says);
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

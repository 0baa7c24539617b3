/** Stands in for `node:test` in a page: collects tests, to be run one after the other. */

type Action = () => unknown;

const tests: { readonly name: string; readonly action: Action }[] = [];
const befores: Action[] = [];
const afters: Action[] = [];

export function describe(_name: string, declare: Action): void {
  declare();
}

export function test(name: string, action: Action): void {
  tests.push({ name, action });
}

export function before(action: Action): void {
  befores.push(action);
}

export function after(action: Action): void {
  afters.push(action);
}

/** Runs everything that was declared. @returns the names of what passed, and what failed with its reason */
export async function runAll(): Promise<{ readonly passed: string[]; readonly failed: string[] }> {
  const [passed, failed]: [string[], string[]] = [[], []];
  for (const action of befores) await action();
  for (const { name, action } of tests) {
    try {
      await action();
      passed.push(name);
    } catch (error) {
      failed.push(`${name}: ${String(error).slice(0, 2000)}`);
    }
  }
  for (const action of afters) await action();
  return { passed, failed };
}

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { test } from "node:test";
import { root } from "./sources.js";

interface Export {
  readonly name: string;
  /** Where it is declared, from the checkout's root. */
  readonly file: string;
}

const read = (file: string) => readFileSync(join(root, file), "utf8");

/** What an entry exports by name; an entry that another one gathers is asked for itself. */
function exportsOf(entry: string): Export[] {
  const clauses = read(entry).matchAll(/^export (?:type )?\{([^}]*)\} from "([^"]+)";$/gm);
  return [...clauses].flatMap(([, names, from]) =>
    names!
      .split(",")
      .map((name) =>
        name
          .trim()
          .replace(/^type /, "")
          .replace(/ as \w+$/, ""),
      )
      .filter((name) => name !== "")
      .map((name) => ({ name, file: posix.join(dirname(entry), from!) })),
  );
}

/** Whether a declaration stands right below its documentation; undefined if there is no such declaration. */
function isDocumented(text: string, name: string): boolean | undefined {
  const declaration = new RegExp(
    `(\\*/\\n)?^export (?:abstract |async )*(?:class|function|const|interface|type)\\*? ${name}\\b`,
    "m",
  ).exec(text);
  return declaration === null ? undefined : declaration[1] !== undefined;
}

for (const entry of [
  "packages/nin-net/src/browser.ts",
  "packages/nin-net/src/index.ts",
  "packages/nin-cli/src/index.ts",
]) {
  test(`whatever ${entry} exports is documented where it is declared`, () => {
    const exported = exportsOf(entry);
    assert.notDeepEqual(exported, []);
    const undocumented = exported.filter(({ name, file }) => isDocumented(read(file), name) !== true);
    assert.deepEqual(undocumented, []);
  });
}

test("a missing line of documentation is seen", () => {
  assert.equal(isDocumented("/** One. */\nexport class One {}\nexport class Two {}", "One"), true);
  assert.equal(isDocumented("/** One. */\nexport class One {}\nexport class Two {}", "Two"), false);
  assert.equal(isDocumented("export class One {}", "Two"), undefined);
});

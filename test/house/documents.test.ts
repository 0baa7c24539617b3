import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { test } from "node:test";
import { root } from "./sources.js";

const documents = readdirSync(root).filter((name) => name.endsWith(".md"));
const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object }).scripts;

for (const document of documents) {
  test(`${document} names files and npm scripts that exist`, () => {
    const text = readFileSync(join(root, document), "utf8");
    const missing = [...filesNamed(text)].filter((path) => !existsSync(join(root, path)));
    assert.deepEqual(missing, []);
    const unknown = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map((match) => match[1]!);
    assert.deepEqual(
      unknown.filter((name) => !Object.hasOwn(scripts, name)),
      [],
    );
  });
}

test("a missing file is seen", () => {
  const text =
    "`src/gone.ts`, `src/ops/<op>.ts`, `*.slow.test.ts`, [a](docs/gone.md#b), [c](https://a.b/c.md)";
  assert.deepEqual([...filesNamed(text)], ["src/gone.ts", "docs/gone.md"]);
});

/** Paths in code and in relative links; those with a placeholder or a wildcard stand for many. */
function filesNamed(text: string): Set<string> {
  const code = [...text.matchAll(/`((?:src|test|assembly|scripts|docs|bench|bin|\.ci)\/[^`\s]*)`/g)];
  const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)];
  const paths = [...code, ...links].map((match) => posix.normalize(match[1]!));
  return new Set(paths.filter((path) => !/[<*{]/.test(path)));
}

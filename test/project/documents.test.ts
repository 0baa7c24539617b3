import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { test } from "node:test";
import { root } from "./sources.js";

const documents = [
  ...readdirSync(root),
  ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
].filter((name) => name.endsWith(".md"));
/** What `npm run bench` writes. */
const written = ["docs/performance.json"];
const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object }).scripts;

for (const document of documents) {
  test(`${document} names files and npm scripts that exist`, () => {
    const text = readFileSync(join(root, document), "utf8");
    const missing = [...filesNamed(text, posix.dirname(document))].filter(
      (path) => !existsSync(join(root, path)) && !written.includes(path),
    );
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
    "`test/gone.ts`, `test/ops/<op>.ts`, `*.slow.test.ts`, [a](docs/gone.md#b), [c](https://a.b/c.md)";
  assert.deepEqual([...filesNamed(text, ".")], ["test/gone.ts", "docs/gone.md"]);
  assert.deepEqual(
    [...filesNamed("`test/a.ts`, [b](b.md#c), [d](../d.md)", "docs")],
    ["test/a.ts", "docs/b.md", "d.md"],
  );
});

/**
 * Paths in code and in relative links; those with a placeholder or a wildcard stand for many, and a path without an
 * ending may be the name of something else.
 *
 * @param folder - of the document: links start there, paths in code at the checkout's root
 */
function filesNamed(text: string, folder: string): Set<string> {
  const code = [...text.matchAll(/`((?:packages|test|scripts|docs|bench|bin|\.ci)\/[^`\s]*)`/g)];
  const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)];
  const paths = [
    ...code.map((match) => posix.normalize(match[1]!)),
    ...links.map((match) => posix.join(folder, match[1]!)),
  ];
  return new Set(paths.filter((path) => !/[<*{]/.test(path) && /\.|\/$/.test(path)));
}
